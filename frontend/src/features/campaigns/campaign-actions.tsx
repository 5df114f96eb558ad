import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { toast } from "@/ui/toast";
import { closeCampaign, deleteCampaign, openCampaign, pauseCampaign, type Campaign } from "./queries";
import { useCampaignChange } from "./use-campaign-change";

/** Open, pause, close, delete. */
export function CampaignActions({ project, campaign }: { project: string; campaign: Campaign }) {
  const mayManage = useMay(project, "MANAGER");
  const navigate = useNavigate();
  const [asked, ask] = useState<"close" | "delete" | null>(null);
  const open = useCampaignChange(() => openCampaign(campaign.id), () => toast.done("The campaign is open: share its link."));
  const pause = useCampaignChange(() => pauseCampaign(campaign.id));
  const close = useCampaignChange(() => closeCampaign(campaign.id), () => ask(null));
  const remove = useCampaignChange(
    () => deleteCampaign(campaign.id),
    () => navigate({ to: addresses.campaigns(project) }),
  );
  if (!mayManage) return null;
  const failed = (error: unknown) => toast.failed(error);
  return (
    <>
      {campaign.state === "OPEN" ? (
        <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} loading={pause.isPending} onClick={() => pause.mutate(undefined, { onError: failed })}>
          Pause
        </Button>
      ) : (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={open.isPending} onClick={() => open.mutate(undefined, { onError: failed })}>
          {campaign.state === "DRAFT" ? "Open" : "Open again"}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlayerStop size={16} />} disabled={campaign.state === "CLOSED" || campaign.state === "DRAFT"} onClick={() => ask("close")}>
            Close
          </Menu.Item>
          <Menu.Item color="bad" leftSection={<IconTrash size={16} />} onClick={() => ask("delete")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog opened={asked === "close"} title="Close this campaign?" confirm="Close it" busy={close.isPending} error={close.error} onConfirm={() => close.mutate(undefined)} onClose={() => ask(null)}>
        No more answers are taken, and people see that it has ended. The answers and results stay, and you can open it again.
      </ConfirmDialog>
      <ConfirmDialog opened={asked === "delete"} title="Delete this campaign?" confirm="Delete campaign" typeToConfirm={campaign.name} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate(undefined)} onClose={() => ask(null)}>
        Its questions, answers and workers go and do not come back. Labels that were stitched from it stay.
      </ConfirmDialog>
    </>
  );
}
