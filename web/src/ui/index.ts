// The kit: import from "../ui". Shown on /ui.
export { Button, IconButton, LinkButton } from "./button";
export {
  Avatar,
  Badge,
  Chip,
  DayText,
  EmptyState,
  ErrorState,
  errorText,
  Facts,
  initialsOf,
  InstantText,
  Money,
  Notice,
  PageHeader,
  Progress,
  QrPicture,
  Skeleton,
  SkeletonLines,
  type Tone,
} from "./display";
export {
  Checkbox,
  Field,
  Input,
  type Option,
  Segmented,
  Select,
  Switch,
  TextArea,
  useFieldAttributes,
} from "./field";
export { Calendar, type CalendarDay, MonthBar } from "./calendar";
export { Combobox } from "./combobox";
export { Icon } from "./icon";
export type { IconName } from "./icon-names";
export { ConfirmDialog, Dialog, Menu, type MenuItem, Popover } from "./overlay";
export { type Column, Table, Tabs, TabPanel, type Tab } from "./table";
export { toast, toastError, Toasts } from "./toast";
