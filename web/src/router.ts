import { createRouter, createWebHistory } from "vue-router";
import { texts } from "@/texts";

/** Every address of the page. The exam's own parts (候考, 考试, …) share one: they are states, not places. */
export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    {
      path: "/",
      component: () => import("@/screens/portal/Portal.vue"),
      meta: { title: texts.portal.title },
    },
    {
      path: "/exam/detail",
      component: () => import("@/screens/exam-detail/ExamDetail.vue"),
      props: (route) => ({ examId: String(route.query["id"] ?? "") }),
      meta: { title: texts.detail.title },
    },
    {
      path: "/help/camera",
      component: () => import("@/screens/help/CameraHelp.vue"),
      meta: { title: texts.help.title },
    },
    {
      path: "/register",
      component: () => import("@/screens/register/Register.vue"),
      meta: { title: texts.register.title },
    },
    {
      path: "/sso/:provider",
      component: () => import("@/screens/sso/SsoReturn.vue"),
      props: true,
      meta: { title: texts.signIn.title },
    },
    {
      path: "/agreements/:name",
      component: () => import("@/screens/agreement/AgreementPage.vue"),
      props: true,
      meta: { title: texts.agreement.title },
    },
    {
      path: "/me",
      component: () => import("@/screens/me/Me.vue"),
      meta: { title: texts.me.title },
      children: [
        { path: "", redirect: "/me/identity" },
        { path: "identity", component: () => import("@/screens/me/Identity.vue") },
        { path: "exams", component: () => import("@/screens/me/MyExams.vue") },
        {
          path: "certificates",
          component: () => import("@/screens/certificates/MyCertificates.vue"),
        },
        { path: "tickets", component: () => import("@/screens/tickets/MyTickets.vue") },
      ],
    },
    {
      path: "/certificates/:number?", // what the QR code of a certificate says
      component: () => import("@/screens/certificates/Verify.vue"),
      props: true,
      meta: { title: texts.certificate.verify },
    },
    {
      path: "/attempts/:attemptId",
      component: () => import("@/screens/sitting/Sitting.vue"),
      props: true,
      meta: { title: texts.sitting.title, bare: true },
    },
    {
      path: "/:rest(.*)*",
      component: () => import("@/screens/not-found/NotFound.vue"),
      meta: { title: texts.notFound.title },
    },
  ],
});

router.afterEach((to) => {
  const title = to.meta["title"];
  document.title =
    typeof title === "string" ? `${title} · ${texts.common.product}` : texts.common.product;
});
