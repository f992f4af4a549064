/** The API calls of one attempt. Each throws `ApiError`. */
import { api, content, type Schemas } from "@/api/client";
import type { AbsenceReport } from "@/lib/absences";
import type { Batch } from "@/lib/outbox";
import type { Speeds } from "@/lib/speed";
import { clock } from "@/store";

type Attempt = Schemas["AttemptView"];

/** What the page of a practice exam (试考) tells the server. */
export type PracticeReport = Partial<Schemas["PracticeRequest"]>;

const SAYS_NOTHING = { camera_trouble: null, full_screen: null, end: false };

export class AttemptApi {
  /** The token of the admitted page, "" before. It is in memory only, so a reload means checking in again. */
  pageToken = "";
  private stamp = ""; // of the newest answer; sent back, it tells the server how long this page was silent

  constructor(private readonly attemptId: string) {}

  /** The attempt as the server has it. */
  read(): Promise<Attempt> {
    return content(api.GET("/attempts/{attempt_id}", { params: this.params }));
  }

  /** Rules and notice of an exam. */
  examDetail(examId: string): Promise<Schemas["ExamDetail"]> {
    return content(api.GET("/exams/{exam_id}", { params: { path: { exam_id: examId } } }));
  }

  /** 考试须知: begins a check-in, with the consent to the use of face data. */
  notice(requestId: string): Promise<Attempt> {
    const body = { request_id: requestId, agreements: ["identity-authorization"] };
    const params = this.params;
    return content(api.POST("/attempts/{attempt_id}/check-in/notice", { params, body }));
  }

  /** 设备检测. */
  cameraStep(backgroundFaces: number): Promise<Attempt> {
    const body = { camera_on: true, background_faces: backgroundFaces };
    const params = this.params;
    return content(api.POST("/attempts/{attempt_id}/check-in/camera", { params, body }));
  }

  /** 网络环境检测. */
  networkStep(speeds: Speeds): Promise<Attempt> {
    const { downMbps, upMbps, latencyMs } = speeds;
    const body = { down_mbps: downMbps, up_mbps: upMbps, latency_ms: latencyMs };
    const params = this.params;
    return content(api.POST("/attempts/{attempt_id}/check-in/network", { params, body }));
  }

  /** Reserves a chance of 身份核验, with tickets for its pictures. */
  reserveVerification(requestId: string): Promise<Schemas["ReservedVerification"]> {
    const body = { request_id: requestId };
    const params = this.params;
    return content(api.POST("/attempts/{attempt_id}/verifications", { params, body }));
  }

  /** Returns the state of a check. */
  verification(id: string): Promise<Schemas["VerificationStatus"]> {
    const path = { ...this.params.path, verification_id: id };
    return content(
      api.GET("/attempts/{attempt_id}/verifications/{verification_id}", { params: { path } }),
    );
  }

  /** 进入考场. */
  admission(requestId: string): Promise<Schemas["Admitted"]> {
    const body = { request_id: requestId };
    const params = this.params;
    return content(api.POST("/attempts/{attempt_id}/admission", { params, body }));
  }

  /** Starts the candidate's own clock. */
  start(): Promise<Attempt> {
    return content(api.POST("/attempts/{attempt_id}/start", { params: this.onPage }));
  }

  /** The questions and the answers that the server has. */
  paper(): Promise<Schemas["PaperView"]> {
    return content(api.GET("/attempts/{attempt_id}/paper", { params: this.onPage }));
  }

  /** Links to the sealed pictures of the paper: SHA-256 → address, for five minutes. */
  async pictureLinks(): Promise<Record<string, string>> {
    const call = api.GET("/attempts/{attempt_id}/pictures", { params: this.onPage });
    return (await content(call)).links;
  }

  /** Sends a heartbeat with unsaved answers. The answer also has the server's time. */
  async beat(answers: Batch | null): Promise<Schemas["Beat"]> {
    const sentAt = clock.tick();
    const body = { answers, absences: [], stamp: this.stamp };
    const params = this.onPage;
    const beat = await content(api.POST("/attempts/{attempt_id}/heartbeat", { params, body }));
    clock.learn(beat.server_now, sentAt, clock.tick());
    this.stamp = beat.stamp;
    return beat;
  }

  /** Reports absences, with the answers of the same moment. */
  async absences(reports: AbsenceReport[], answers: Batch | null): Promise<Schemas["AbsenceView"]> {
    const absences = reports.map(({ seq, kind, awayMs, ended }) => ({
      absence_seq: seq,
      kind,
      away_ms: awayMs,
      ended,
    }));
    const view = await content(
      api.POST("/attempts/{attempt_id}/absences", {
        params: this.onPage,
        body: { absences, answers, stamp: this.stamp },
        keepalive: true, // the page may be closing
      }),
    );
    this.stamp = view.stamp;
    return view;
  }

  /** 提交试卷. `seconds`: how long each question was in sight. */
  submission(answers: Batch | null, seconds: number[]): Promise<Schemas["ResultView"]> {
    const body = { answers, stamp: this.stamp, seconds };
    const params = this.onPage;
    return content(api.POST("/attempts/{attempt_id}/submission", { params, body }));
  }

  /** 试考: what worked so far and what did not. */
  practice(): Promise<Schemas["PracticeView"]> {
    return content(api.GET("/attempts/{attempt_id}/practice", { params: this.params }));
  }

  /** 试考: tells what does not work on this device, or ends the practice. */
  reportPractice(body: PracticeReport): Promise<Schemas["PracticeView"]> {
    const params = this.params;
    return content(
      api.POST("/attempts/{attempt_id}/practice", { params, body: { ...SAYS_NOTHING, ...body } }),
    );
  }

  /** 考试结果. */
  result(): Promise<Schemas["ResultView"]> {
    return content(api.GET("/attempts/{attempt_id}/result", { params: this.params }));
  }

  /** All announcements to this candidate, and the newest request for help. */
  announcements(): Promise<Schemas["Announcements"]> {
    return content(api.GET("/attempts/{attempt_id}/announcements", { params: this.params }));
  }

  /** 我知道了: a receipt up to these numbers. */
  confirmAnnouncements(body: Schemas["ReceiptRequest"]): Promise<Schemas["ReceiptView"]> {
    const params = this.params;
    return content(api.POST("/attempts/{attempt_id}/announcements/read", { params, body }));
  }

  /** 请求帮助. */
  askForHelp(requestId: string, reason: Schemas["HelpReason"]): Promise<Schemas["HelpView"]> {
    const body = { request_id: requestId, reason };
    return content(api.POST("/attempts/{attempt_id}/help", { params: this.onPage, body }));
  }

  private get params(): { path: { attempt_id: string } } {
    return { path: { attempt_id: this.attemptId } };
  }

  private get onPage(): { path: { attempt_id: string }; header: { "Page-Token": string } } {
    return { ...this.params, header: { "Page-Token": this.pageToken } };
  }
}
