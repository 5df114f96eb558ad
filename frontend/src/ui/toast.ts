import { notifications } from "@mantine/notifications";
import { sentenceOf } from "./error-notice";

/** A short word in the corner: for what succeeded out of sight, or failed away from a form. */
export const toast = {
  done(message: string): void {
    notifications.show({ message, color: "accent", autoClose: 4000 });
  },
  failed(error: unknown, title = "That did not work"): void {
    notifications.show({ title, message: sentenceOf(error), color: "bad", autoClose: 9000 });
  },
};
