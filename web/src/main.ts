import { createApp } from "vue";
import App from "@/App.vue";
import { recallPreferences } from "@/lib/preferences";
import { router } from "@/router";
import "@/styles/tokens.css";
import "@/styles/base.css";

recallPreferences();
if (!window.__stopped) createApp(App).use(router).mount("#app");
