import { AppShell, Divider, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation, useMatches, useParams } from "@tanstack/react-router";
import { projectQuery } from "@/api/projects";
import { sessionQuery } from "@/api/session";
import { addresses } from "@/lib/addresses";
import { SideLink } from "@/ui/link";
import { placesOf } from "./navigation";
import { useFrameCommands } from "./frame-commands";
import { FrameHeader } from "./frame-header";
import classes from "./frame.module.css";

/** Everything behind the sign-in; leads back there when the session has ended elsewhere. */
export function Frame() {
  const session = useQuery(sessionQuery);
  const here = useLocation({ select: (location) => location.href });
  if (session.data === null) return <Navigate to={addresses.signIn(here)} replace />;
  return <FrameShell />;
}

/** Header, side bar and page. */
function FrameShell() {
  const projectId = useOpenProject();
  const fullBleed = useMatches().some((match) => match.staticData.fullBleed);
  const [opened, { toggle, close }] = useDisclosure(false);
  useFrameCommands(projectId);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={projectId ? { width: 196, breakpoint: "sm", collapsed: { mobile: !opened, desktop: fullBleed } } : undefined}
      padding={fullBleed ? 0 : "lg"}
    >
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <AppShell.Header className={classes.header}>
        <FrameHeader projectId={projectId} menuOpened={opened} onMenu={toggle} />
      </AppShell.Header>
      {projectId && (
        <AppShell.Navbar className={classes.side}>
          <SideBar projectId={projectId} onGo={close} />
        </AppShell.Navbar>
      )}
      <AppShell.Main id="page" className={classes.main}>
        <div className={fullBleed ? undefined : classes.page}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

/** The project of the address; undefined outside of projects, and for one that is not there to see. */
function useOpenProject(): string | undefined {
  const id = useParams({ strict: false, select: (params: { projectId?: string }) => params.projectId });
  const project = useQuery({ ...projectQuery(id ?? ""), enabled: id !== undefined });
  return project.error ? undefined : id;
}

function SideBar({ projectId, onGo }: { projectId: string; onGo: () => void }) {
  const places = placesOf(projectId);
  return (
    <AppShell.Section grow component={ScrollArea} p="xs">
      <nav aria-label="Project">
        {places.map((place, index) => (
          <div key={place.key}>
            {place.aside && !places[index - 1]?.aside && <Divider my="xs" />}
            <SideLink
              to={place.address}
              activeOptions={{ exact: place.exact ?? false, includeSearch: false }}
              activeProps={{ active: true, "aria-current": "page" }}
              label={place.label}
              leftSection={<place.icon size={17} stroke={1.6} aria-hidden />}
              className={classes.place}
              onClick={onGo}
            />
          </div>
        ))}
      </nav>
    </AppShell.Section>
  );
}
