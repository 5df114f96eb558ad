import { queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import { ALL } from "./paging";
import type { Schema } from "./types";

/** A conversation about a place in an image, with what was answered. */
export type Thread = Required<Schema["CommentOut"]>;
export type Said = Schema["SaidOut"];
export type NewComment = Schema["CommentInRequest"];
export type Notification = Required<Schema["NotificationOut"]>;

const at = (id: string) => ({ params: { path: { id } } }) as const;

export const imageCommentsQuery = (image: string) =>
  queryOptions({
    queryKey: ["comments", "of-image", image],
    queryFn: async () => (await data(api.GET("/api/v1/images/{id}/comments/", { params: { path: { id: image }, query: ALL } }))).results as Thread[],
  });

export interface CommentFilter {
  open?: boolean;
  for_me?: boolean;
}

export const projectCommentsQuery = (project: string, filter: CommentFilter) =>
  queryOptions({
    queryKey: ["comments", "of-project", project, filter],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/comments/", { params: { path: { id: project }, query: { ...filter, limit: 500 } } }))).results as Thread[],
  });

export const writeComment = (image: string, body: NewComment) => data(api.POST("/api/v1/images/{id}/comments/", { ...at(image), body })) as Promise<Thread>;
export const changeComment = (id: string, body: { text?: string; resolved?: boolean }) => data(api.PATCH("/api/v1/comments/{id}/", { ...at(id), body }));
export const deleteComment = (id: string) => data(api.DELETE("/api/v1/comments/{id}/", at(id)));

/** The newest, read or not. */
export const notificationsQuery = queryOptions({
  queryKey: ["notifications"],
  queryFn: async () => (await data(api.GET("/api/v1/notifications/", { params: { query: { limit: 30 } } }))).results as Notification[],
  refetchInterval: 60_000,
});

export const unreadQuery = queryOptions({
  queryKey: ["notifications", "unread"],
  queryFn: async () => (await data(api.GET("/api/v1/notifications/", { params: { query: { unread: true, limit: 1 } } }))).count,
  refetchInterval: 60_000,
});

/** All of one's own when no ids are named. */
export const readNotifications = (ids?: string[]) => data(api.POST("/api/v1/notifications/read/", { body: ids ? { ids } : {} }));
