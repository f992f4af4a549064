import { createRouter, createWebHistory } from "vue-router";
import { language } from "@/lib/language";
import Portal from "@/screens/portal/Portal.vue";
import { texts } from "#texts/common";
import { titles } from "#texts/titles";

/** All addresses of the page. 候考, 考试 and the other parts of an exam share one address, because they are states of it. */
export const router = createRouter({
  history: createWebHistory(language.address),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    {
      path: "/",
      component: Portal, // not lazy: its parts come in one file with the page's own
      meta: { title: titles.portal },
    },
    {
      path: "/exam/detail",
      component: () => import("@/screens/exam-detail/ExamDetail.vue"),
      props: (route) => ({ examId: String(route.query["id"] ?? "") }),
      meta: { title: titles.examDetail },
    },
    {
      path: "/help/camera",
      component: () => import("@/screens/help/CameraHelp.vue"),
      meta: { title: titles.help },
    },
    {
      path: "/device-check",
      component: () => import("@/screens/device-check/DeviceCheck.vue"),
      meta: { title: titles.deviceCheck },
    },
    {
      path: "/register",
      component: () => import("@/screens/register/Register.vue"),
      meta: { title: titles.register },
    },
    {
      path: "/sso/:provider",
      component: () => import("@/screens/sso/SsoReturn.vue"),
      props: true,
      meta: { title: titles.signIn },
    },
    {
      path: "/agreements/:name",
      component: () => import("@/screens/agreement/AgreementPage.vue"),
      props: true,
      meta: { title: titles.agreement },
    },
    {
      path: "/me",
      component: () => import("@/screens/me/Me.vue"),
      meta: { title: titles.me },
      children: [
        { path: "", redirect: "/me/identity" },
        { path: "identity", component: () => import("@/screens/me/Identity.vue") },
        { path: "exams", component: () => import("@/screens/me/MyExams.vue") },
        {
          path: "certificates",
          component: () => import("@/screens/certificates/MyCertificates.vue"),
        },
        { path: "tickets", component: () => import("@/screens/tickets/MyTickets.vue") },
        { path: "record", component: () => import("@/screens/me/MyRecord.vue") },
      ],
    },
    {
      path: "/certificates/:number?", // the address in the QR code of a certificate
      component: () => import("@/screens/certificates/Verify.vue"),
      props: true,
      meta: { title: titles.verify },
    },
    {
      path: "/attempts/:attemptId",
      component: () => import("@/screens/sitting/Sitting.vue"),
      props: true,
      meta: { title: titles.sitting, bare: true },
    },
    {
      path: "/:rest(.*)*",
      component: () => import("@/screens/not-found/NotFound.vue"),
      meta: { title: titles.notFound },
    },
  ],
});

router.afterEach((to, from) => {
  if (from.matched.length) void import("@/lib/focus").then(({ followFocus }) => followFocus()); // not for the first view
  const title = to.meta["title"];
  document.title =
    typeof title === "string" ? `${title} · ${texts.common.product}` : texts.common.product;
});
