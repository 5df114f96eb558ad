import { Alert, Button, PasswordInput, Skeleton, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import { sessionQuery } from "@/api/session";
import type { Schema } from "@/api/types";
import { addresses } from "@/lib/addresses";
import { formatDateTime } from "@/lib/format";
import { ROLE_NAMES, ROLE_SENTENCES } from "@/lib/roles";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { useParam } from "@/ui/use-address";
import { Gate } from "./gate";

type Invitation = Schema["OpenInvitationOut"];

export function InvitationPage() {
  const token = useParam("token");
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => data(api.GET("/api/v1/invitations/{token}/", { params: { path: { token } } })),
    retry: false,
  });
  const session = useQuery(sessionQuery);
  if (invitation.error) {
    return (
      <Gate title="This invitation does not work" lead="It may have been used, withdrawn, or be too old. Ask for a new link.">
        <Stack>
          <ErrorNotice error={invitation.error} />
          <ButtonLink to={addresses.signIn()} variant="default">
            To the sign-in
          </ButtonLink>
        </Stack>
      </Gate>
    );
  }
  if (!invitation.data || session.isPending) return <Gate title="Invitation" lead={<Skeleton height={60} />} children={null} />;
  return <Accept token={token} invitation={invitation.data} signedInAs={session.data?.email} />;
}

function Accept({ token, invitation, signedInAs }: { token: string; invitation: Invitation; signedInAs?: string }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const queries = useQueryClient();
  const router = useRouter();
  const role = invitation.role ?? "ANNOTATOR";
  const mine = signedInAs?.toLowerCase() === invitation.email.toLowerCase();
  const asksForAccount = !invitation.has_account;
  const accept = useMutation({
    mutationFn: async () => {
      await data(api.POST("/api/v1/invitations/{token}/", { params: { path: { token } }, body: asksForAccount ? { name, password } : {} }));
      if (asksForAccount) await data(api.POST("/api/v1/session/", { body: { email: invitation.email, password } }));
    },
    onSuccess: async () => {
      queries.clear();
      await router.navigate({ to: addresses.home() });
    },
  });
  const lead = (
    <>
      {invitation.invited_by} invites {invitation.email} as <b>{ROLE_NAMES[role].toLowerCase()}</b>. {ROLE_SENTENCES[role]} The link works until {formatDateTime(invitation.expires_at)}.
    </>
  );
  return (
    <Gate title={`Join ${invitation.team}`} lead={lead}>
      {signedInAs && !mine && (
        <Alert color="bad" mb="sm">
          You are signed in as {signedInAs}. Sign out first, or open the link in another browser.
        </Alert>
      )}
      {invitation.has_account && !mine ? (
        <ButtonLink fullWidth to={addresses.signIn(addresses.invitation(token))}>
          Sign in as {invitation.email}
        </ButtonLink>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            accept.mutate();
          }}
        >
          <Stack gap="sm">
            {asksForAccount && <TextInput label="Your name" autoComplete="name" required autoFocus value={name} onChange={(event) => setName(event.currentTarget.value)} />}
            {asksForAccount && (
              <PasswordInput label="Choose a password" autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
            )}
            <ErrorNotice error={accept.error} />
            <Button type="submit" loading={accept.isPending}>
              Join {invitation.team}
            </Button>
          </Stack>
        </form>
      )}
    </Gate>
  );
}
