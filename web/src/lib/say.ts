/** Tells on the next screen what was done on this one. Not part of the app's frame: the first view needs no such words. */
import { createApp } from "vue";
import type { Router } from "vue-router";
import Said from "@/parts/Said.vue";

/** Shows a sentence above the present screen until it is closed or another screen comes. Call it after the navigation. */
export function say(sentence: string, router: Router): void {
  const place = document.createElement("div");
  const leave = router.afterEach((to, from) => {
    if (to.path !== from.path) close();
  });
  const app = createApp(Said, { sentence, onClose: close });
  function close(): void {
    leave();
    app.unmount();
    place.remove();
  }
  document.querySelector("main")?.before(place);
  app.mount(place);
}
