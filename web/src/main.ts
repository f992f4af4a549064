import { createApp } from "vue";
import App from "@/App.vue";
import { router } from "@/router";
import "@/styles/tokens.css";
import "@/styles/base.css";

if (!window.__unsupported) createApp(App).use(router).mount("#app");
