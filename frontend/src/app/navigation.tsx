import {
  IconBrain,
  IconChartDots3,
  IconChecklist,
  IconCirclesRelation,
  IconDeviceMobile,
  IconEyeCheck,
  IconHistory,
  IconLayoutDashboard,
  IconMessages,
  IconPhoto,
  IconPlayerPlay,
  IconSettings,
  IconTags,
  IconWand,
  type Icon,
} from "@tabler/icons-react";
import { addresses } from "@/lib/addresses";

export interface Place {
  label: string;
  icon: Icon;
  address: string;
  /** The second key after G: "G D" goes to the datasets. */
  key: string;
  exact?: boolean;
  /** Stands below the line: the project itself rather than its work. */
  aside?: boolean;
}

/** The rooms of one project, in the order of the loop. */
export function placesOf(project: string): Place[] {
  return [
    { label: "Overview", icon: IconLayoutDashboard, address: addresses.project(project), key: "O", exact: true },
    { label: "Datasets", icon: IconPhoto, address: addresses.datasets(project), key: "D" },
    { label: "Tasks", icon: IconChecklist, address: addresses.tasks(project), key: "T" },
    { label: "Review", icon: IconEyeCheck, address: addresses.reviews(project), key: "R" },
    { label: "Agreement", icon: IconCirclesRelation, address: addresses.agreement(project), key: "A" },
    { label: "Crowd", icon: IconDeviceMobile, address: addresses.campaigns(project), key: "W" },
    { label: "Comments", icon: IconMessages, address: addresses.comments(project), key: "K" },
    { label: "Training", icon: IconPlayerPlay, address: addresses.training(project), key: "N" },
    { label: "Models", icon: IconBrain, address: addresses.models(project), key: "M" },
    { label: "Predictions", icon: IconWand, address: addresses.predictions(project), key: "P" },
    { label: "Explore", icon: IconChartDots3, address: addresses.explore(project), key: "E" },
    { label: "Classes", icon: IconTags, address: addresses.classes(project), key: "C", aside: true },
    { label: "Audit log", icon: IconHistory, address: addresses.audit(project), key: "L", aside: true },
    { label: "Settings", icon: IconSettings, address: addresses.projectSettings(project), key: "S", aside: true },
  ];
}
