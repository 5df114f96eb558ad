import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import { sessionQuery } from "@/api/session";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { useQueryValue } from "@/ui/use-address";
import { Gate } from "./gate";
import { safeNext } from "./safe-next";

export function SignInPage() {
  const [next] = useQueryValue("next");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const queries = useQueryClient();
  const router = useRouter();
  const signIn = useMutation({
    mutationFn: () => data(api.POST("/api/v1/session/", { body: { email, password } })),
    onSuccess: async (answer) => {
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, answer.user);
      await router.navigate({ href: safeNext(next) ?? addresses.home() });
    },
  });
  return (
    <Gate title="Sign in" lead="With the address and password of your account.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput label="E-mail" name="email" type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
          <PasswordInput label="Password" name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
          <ErrorNotice error={signIn.error} />
          <Button type="submit" loading={signIn.isPending} fullWidth mt={4}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Gate>
  );
}
