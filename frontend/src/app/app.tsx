import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./fonts.css";
import "./global.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { CommandProvider } from "@/ui/commands";
import { ShortcutProvider } from "@/ui/shortcuts";
import { queryClient } from "./query-client";
import { router } from "./router";
import { cssVariables, theme } from "./theme";

const colours = localStorageColorSchemeManager({ key: "cytoloop-colours" });

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} colorSchemeManager={colours} defaultColorScheme="dark">
      <Notifications position="top-right" limit={4} className="below-header" />
      <QueryClientProvider client={queryClient}>
        <ShortcutProvider>
          <CommandProvider>
            <RouterProvider router={router} />
          </CommandProvider>
        </ShortcutProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
