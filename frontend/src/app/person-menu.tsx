import { Avatar, Menu, SegmentedControl, Text, UnstyledButton, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { IconKeyboard, IconLogout, IconUser, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/session";
import { addresses } from "@/lib/addresses";
import { useShortcutOverlay } from "@/ui/shortcuts";
import { toast } from "@/ui/toast";

export function PersonMenu() {
  const me = useMe();
  const navigate = useNavigate();
  const openKeys = useShortcutOverlay();
  const go = (to: string) => () => void navigate({ to });
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton>
          <Avatar size={28} name={me.name || me.email} color="accent" variant="light" />
          <VisuallyHidden>: your menu, {me.name || me.email}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={500} c="var(--mantine-color-text)" truncate>
            {me.name || me.email}
          </Text>
          <Text size="xs" truncate>
            {me.email}
          </Text>
        </Menu.Label>
        <ColourChoice />
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={16} />} onClick={go(addresses.account())}>
          Account
        </Menu.Item>
        <Menu.Item leftSection={<IconUsers size={16} />} onClick={go(addresses.teams())}>
          Teams
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={openKeys}>
          Keyboard
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ColourChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label="Colours"
      value={colorScheme}
      onChange={(value) => setColorScheme(value)}
      data={[
        { value: "dark", label: "Dark" },
        { value: "light", label: "Light" },
        { value: "auto", label: "System" },
      ]}
    />
  );
}

/** Leaves by loading the sign-in page anew: nothing of this person stays in memory. */
function signOut(): void {
  api
    .DELETE("/api/v1/session/")
    .then(() => location.assign(addresses.signIn()))
    .catch((error: unknown) => toast.failed(error));
}
