import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChartLine, IconKeyboard, IconLayoutSidebarRight, type Icon } from "@tabler/icons-react";
import { addresses } from "@/lib/addresses";
import { IconLink } from "@/ui/link";
import { useBench } from "./bench-context";
import { useBenchDoings } from "./bench-page";
import classes from "./bench.module.css";
import { titleOf, useLetters } from "./key-names";

/** The page's own: the keys, and the lists where they are out of the way. */
export function PageButtons() {
  return (
    <span style={{ display: "inline-flex", gap: 2 }}>
      <span className={classes.onlyTablet}>
        <PageButton action="taste.open" icon={IconKeyboard} />
      </span>
      <InNumbers />
      <PageButton action="side.toggle" icon={IconLayoutSidebarRight} />
    </span>
  );
}

/** The image in numbers: scores of its tracks, measurements of its cells. */
function InNumbers() {
  const { project, image, branch } = useBench();
  return (
    <Tooltip label={image.size_t > 1 ? "Scores of the tracks, and measurements" : "Measurements"}>
      <IconLink to={addresses.movie(project, image.id, { branch: branch.id })} variant="subtle" color="gray" aria-label="Tracks and measurements">
        <IconChartLine size={18} stroke={1.6} aria-hidden />
      </IconLink>
    </Tooltip>
  );
}

function PageButton({ action, icon: Icon }: { action: string; icon: Icon }) {
  const { act } = useBenchDoings();
  const letter = useLetters()(action);
  const title = titleOf(action);
  return (
    <Tooltip label={letter ? `${title} (${letter})` : title}>
      <ActionIcon variant="subtle" color="gray" aria-label={title} onClick={() => act(action)}>
        <Icon size={18} stroke={1.6} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
