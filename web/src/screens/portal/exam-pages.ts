/** A part of the list of exams, loaded page by page. */
import { shallowReactive } from "vue";
import { api, content, type Schemas } from "@/api/client";

type Exam = Schemas["ExamView"];
type Part = "current" | "ended";

export class ExamPages {
  /** The exams of all pages that were loaded, without repeats. */
  exams: readonly Exam[] = [];
  /** Whether there are further pages. */
  hasMore = true;
  private after = "";

  private constructor(private readonly which: Part) {}

  /** Screens follow the returned object. */
  static of(which: Part): ExamPages {
    return shallowReactive(new ExamPages(which));
  }

  /** Loads the next page and returns all exams so far. Throws `ApiError`; then nothing has changed. */
  async more(): Promise<readonly Exam[]> {
    const query = { which: this.which, after: this.after };
    const page = await content(api.GET("/exams", { params: { query } }));
    const known = new Set(this.exams.map((exam) => exam.exam_id));
    this.exams = [...this.exams, ...page.exams.filter((exam) => !known.has(exam.exam_id))];
    this.after = page.next ?? "";
    this.hasMore = page.next !== null;
    return this.exams;
  }
}
