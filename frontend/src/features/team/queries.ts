import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import type { Schema } from "@/api/types";

export type Team = Schema["TeamOut"];
export type Member = Schema["MemberOut"];
export type Invitation = Schema["InvitationOut"];

export const teamsQuery = queryOptions({
  queryKey: ["teams"],
  queryFn: async () => (await data(api.GET("/api/v1/teams/", { params: { query: ALL } }))).results,
});

export const teamQuery = (id: string) =>
  queryOptions({ queryKey: ["teams", id], queryFn: () => data(api.GET("/api/v1/teams/{id}/", { params: { path: { id } } })) });

export const membersQuery = (team: string) =>
  queryOptions({
    queryKey: ["teams", team, "members"],
    queryFn: async () => (await data(api.GET("/api/v1/teams/{id}/members/", { params: { path: { id: team }, query: ALL } }))).results,
  });

export const invitationsQuery = (team: string) =>
  queryOptions({
    queryKey: ["teams", team, "invitations"],
    queryFn: async () => (await data(api.GET("/api/v1/teams/{id}/invitations/", { params: { path: { id: team }, query: ALL } }))).results,
  });
