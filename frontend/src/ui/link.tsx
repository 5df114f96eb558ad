import { ActionIcon, Anchor, Button, NavLink, type ActionIconProps, type AnchorProps, type ButtonProps, type NavLinkProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import { forwardRef, type AnchorHTMLAttributes } from "react";

type Native<Props> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Props | "href">;

const AnchorBase = forwardRef<HTMLAnchorElement, AnchorProps & Native<AnchorProps>>(function AnchorBase(props, ref) {
  return <Anchor ref={ref} {...props} />;
});
const ButtonBase = forwardRef<HTMLAnchorElement, ButtonProps & Native<ButtonProps>>(function ButtonBase(props, ref) {
  return <Button ref={ref} component="a" {...props} />;
});
const IconBase = forwardRef<HTMLAnchorElement, ActionIconProps & Native<ActionIconProps>>(function IconBase(props, ref) {
  return <ActionIcon ref={ref} component="a" {...props} />;
});
const NavBase = forwardRef<HTMLAnchorElement, NavLinkProps & Native<NavLinkProps>>(function NavBase(props, ref) {
  return <NavLink ref={ref} component="a" {...props} />;
});

/** Links that look like text, buttons, icons, or entries of the side bar; `to` takes an address from `lib/addresses`. */
export const TextLink = createLink(AnchorBase);
export const ButtonLink = createLink(ButtonBase);
export const IconLink = createLink(IconBase);
export const SideLink = createLink(NavBase);
