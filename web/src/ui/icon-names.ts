// The Lucide icons in use; build.mjs puts exactly these into the bundle.
export const iconNames = [
  "activity", "arrow-down", "arrow-left", "arrow-right", "arrow-up", "ban", "building-2", "cake",
  "calendar", "camera", "check", "chevron-down", "chevron-left", "chevron-right", "chevrons-left",
  "chevrons-right", "circle-alert", "circle-check", "circle-help", "clock", "code", "columns-3",
  "copy", "credit-card", "download", "ellipsis", "external-link", "eye", "file-text", "filter",
  "gift", "grip-vertical", "heart", "history", "inbox", "info", "keyboard", "link", "list",
  "list-checks", "list-filter", "lock", "log-out", "mail", "map-pin", "menu", "message-square", "minus", "monitor", "moon",
  "package", "panel-right", "pencil", "phone", "pin", "pin-off", "play", "plus", "printer", "receipt", "refresh-cw", "rotate-ccw",
  "scan-line", "search", "search-x", "settings", "share-2", "shield-check", "shopping-bag", "sliders-horizontal",
  "star", "store", "sun", "tag", "trash-2", "triangle-alert", "undo-2", "upload", "user", "user-plus",
  "user-x", "users", "wifi-off", "x",
] as const;
export type IconName = (typeof iconNames)[number];
