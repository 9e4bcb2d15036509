import "./styles.css";
import { render } from "preact";
import { preferredLanguage, setLanguage } from "./lib/i18n";
import { startRouter } from "./lib/router";
import { App } from "./shell/app";
import { startScanner } from "./fidelity/scanner";
import { startShortcuts } from "./shell/shortcuts";
import { startTheme } from "./shell/theme";

startTheme();
startRouter();
startShortcuts();
startScanner();
await setLanguage(preferredLanguage());
render(<App />, document.getElementById("app")!);
