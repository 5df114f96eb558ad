import { Button, Menu } from "@mantine/core";
import { IconCheck, IconGitBranch, IconGitCompare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { addresses } from "@/lib/addresses";
import { useSetQuery } from "@/ui/use-address";
import { branchesQuery } from "../queries";
import type { Branch } from "../types";
import { useBench } from "./bench-context";

const ORIGINS: Record<Branch["origin"], string> = { PERSON: "drawn by people", IMPORT: "imported", MODEL: "proposed by a model", CROWD: "answered by a crowd" };

/** Which line of labels is shown: people's own, or what a model proposed. */
export function BranchMenu() {
  const { image, branch, project } = useBench();
  const navigate = useNavigate();
  const setQuery = useSetQuery();
  const branches = useQuery(branchesQuery(image.id)).data ?? [];
  if (branches.length < 2) return null;
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={<IconGitBranch size={15} />} aria-label={`Labels shown: ${branch.name}`}>
          {branch.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Labels of this image</Menu.Label>
        {branches.map(({ id, name, origin }) => (
          <Menu.Item
            key={id}
            aria-current={id === branch.id}
            leftSection={id === branch.id ? <IconCheck size={14} /> : <span style={{ width: 14 }} />}
            onClick={() => setQuery({ branch: id === image.current_branch?.id ? undefined : id, revision: undefined })}
          >
            {name} <small style={{ opacity: 0.6 }}>{ORIGINS[origin]}</small>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconGitCompare size={14} />} onClick={() => void navigate({ to: addresses.compare(project, image.id, { target: branch.id }) })}>
          Compare two of them
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
