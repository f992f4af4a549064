import { createRouter, createWebHistory } from "vue-router";
import { texts } from "@/texts";
import { agreementTexts } from "@/screens/agreement/texts";
import { certificateTexts } from "@/screens/certificates/texts";
import { detailTexts } from "@/screens/exam-detail/texts";
import { deviceCheckTexts } from "@/screens/device-check/texts";
import { helpTexts } from "@/screens/help/texts";
import { meTexts } from "@/screens/me/texts";
import { notFoundTexts } from "@/screens/not-found/texts";
import { portalTexts } from "@/screens/portal/texts";
import { registerTexts } from "@/screens/register/texts";
import { signInTexts } from "@/screens/sign-in/texts";
import { sittingTexts } from "@/screens/sitting/texts";

/** All addresses of the page. 候考, 考试 and the other parts of an exam share one address, because they are states of it. */
export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    {
      path: "/",
      component: () => import("@/screens/portal/Portal.vue"),
      meta: { title: portalTexts.title },
    },
    {
      path: "/exam/detail",
      component: () => import("@/screens/exam-detail/ExamDetail.vue"),
      props: (route) => ({ examId: String(route.query["id"] ?? "") }),
      meta: { title: detailTexts.title },
    },
    {
      path: "/help/camera",
      component: () => import("@/screens/help/CameraHelp.vue"),
      meta: { title: helpTexts.title },
    },
    {
      path: "/device-check",
      component: () => import("@/screens/device-check/DeviceCheck.vue"),
      meta: { title: deviceCheckTexts.title },
    },
    {
      path: "/register",
      component: () => import("@/screens/register/Register.vue"),
      meta: { title: registerTexts.title },
    },
    {
      path: "/sso/:provider",
      component: () => import("@/screens/sso/SsoReturn.vue"),
      props: true,
      meta: { title: signInTexts.title },
    },
    {
      path: "/agreements/:name",
      component: () => import("@/screens/agreement/AgreementPage.vue"),
      props: true,
      meta: { title: agreementTexts.title },
    },
    {
      path: "/me",
      component: () => import("@/screens/me/Me.vue"),
      meta: { title: meTexts.title },
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
      meta: { title: certificateTexts.verify },
    },
    {
      path: "/attempts/:attemptId",
      component: () => import("@/screens/sitting/Sitting.vue"),
      props: true,
      meta: { title: sittingTexts.title, bare: true },
    },
    {
      path: "/:rest(.*)*",
      component: () => import("@/screens/not-found/NotFound.vue"),
      meta: { title: notFoundTexts.title },
    },
  ],
});

router.afterEach((to) => {
  const title = to.meta["title"];
  document.title =
    typeof title === "string" ? `${title} · ${texts.common.product}` : texts.common.product;
});
