/** Several keys for one action. */
import type { KeyBinding } from "@/editor/door";

export const bind = (action: string, ...keys: string[]): KeyBinding[] => keys.map((key) => ({ keys: key, action }));
