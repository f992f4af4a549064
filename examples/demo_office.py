"""What operators and the partner platform do in the demo, before, in and after the exam."""

import csv
import html
import io
import re
from typing import Any

import httpx

from chalicelib.desk.widget import NEIGHBOURS
from examples.demo_browser import expect
from examples.demo_candidate import CandidateSteps


class OfficeSteps(CandidateSteps):
    """The steps of operators and of the platform about one candidate. Each returns a line about its result."""

    def announce(self) -> str:
        words = {"text": "如遇断网请不要关闭页面，答案会自动保存", "reason": "提醒全场考生"}
        fields = self.with_code({**words, "do": "announce_to_all", "exam_id": self.exam_id})
        shown = self.widget("command_exam", {**fields, "command_id": next(self.ids)})
        expect("通知已发出：1 人" in shown, f"not announced: {shown}")
        beat = self.browser.call("POST", f"{self.path}/heartbeat")
        expect(beat["announced"] == 1, f"the heartbeat does not tell it: {beat}")
        return f"{words['text']}（心跳带回编号 {beat['announced']}）"

    def see_receipts(self) -> str:
        shown = self.widget("show_live", {"exam_id": self.exam_id, "announcement": 1})
        expect("1/1" in shown and "未读的在前" in shown, f"no receipts: {shown}")
        return "已读 1/1"

    def review_complaint(self) -> str:
        listed = self.operator("list_complaints", {})["complaints"]
        expect(self.case_id in {row["case_id"] for row in listed}, f"not listed: {listed}")
        seen = self.operator("read_complaint", {"case_id": self.case_id})
        expect(not seen["timeline_problems"], f"a broken timeline: {seen['timeline_problems']}")
        self.case_version = seen["version"]
        frames, entries = len(seen["frames"]), len(seen["timeline"])
        return f"{seen['person']['name']}，{frames} 帧，时间线 {entries} 条，链条完整"

    def uphold_complaint(self) -> str:
        decision = self.with_code({"reason": "画面中的第二人是海报", "upheld": True})
        event = {"case_id": self.case_id, "version_seen": self.case_version, **decision}
        answer = self.operator("decide_complaint", {**event, "command_id": next(self.ids)})
        expect(answer["effect"] == "overturned", f"not overturned: {answer}")
        return f"{answer['state']}，{answer['effect']}"

    def see_as_partner(self) -> str:
        """Read the feed as the platform, through the signed API. The overturned verdict has its own entry."""
        entries = self.wait_for(
            self.partner_entries, lambda entries: any(entry["certificate"] for entry in entries)
        )
        kinds = [entry["kind"] for entry in entries]
        expect("overturned" in kinds, f"the feed has no overturned verdict: {kinds}")
        last = entries[-1]
        expect((last["outcome"], last["provisional"]) == ("passed", False), f"last entry: {last}")
        self.number = last["certificate"]["number"]
        return f"{' → '.join(kinds)}；{last['name']} {last['points']:g} / {last['out_of']:g}，{last['outcome']}"

    def partner_entries(self) -> list[dict[str, Any]]:
        entries = self.browser.local("GET", "/partner/results")["entries"]
        attempt_id = self.path.removeprefix("/attempts/")
        return [e["result"] for e in entries if e["result"]["attempt_id"] == attempt_id]

    def see_certificate_as_partner(self) -> str:
        shown = self.browser.local("GET", f"/partner/certificates/{self.number}")
        expect(shown["status"] == "valid", f"the certificate is not valid: {shown}")
        document = httpx.get(shown["url"], timeout=30).content
        expect(document.startswith(b"%PDF-"), "the certificate is no PDF")
        return f"{shown['number']}，{shown['message']}，PDF {len(document) // 1024} kB，链接一分钟内有效"

    def take_score_list(self) -> str:
        fields = {"do": "make_score_list", "exam_id": self.exam_id, "reason": "向主办方报送成绩"}
        given = self.with_code({**fields, "command_id": next(self.ids)})
        shown = self.widget("command_exam", given)
        links = links_in(shown)
        expect(len(links) == 2, f"no score list: {shown}")
        address = next(link for link in links if "/list.csv?" in link)
        text = httpx.get(address, timeout=30).content.decode("utf-8-sig")
        [row] = csv.DictReader(io.StringIO(text, newline=""))
        masked = "*" in row["姓名"] and "*" in row["证件号码"]
        expect(masked, f"not masked: {row}")
        expect(row["证书编号"] == self.number, f"another certificate: {row}")
        expect("投诉成立，已撤销" in row["人工处理"], f"the decision is missing: {row}")
        told = (row["姓名"], row["证件号码"], row["到考"], f"{row['总分']} 分", row["成绩"])
        return "，".join((*told, row["人工处理"]))

    def operator(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function as an operator does in the console."""
        called = self.browser.local("POST", f"/functions/{function}", event)
        expect(called["ok"] and called["result"]["ok"], f"{function} → {called}")
        return called["result"]

    def widget(self, function: str, parameters: dict[str, Any]) -> str:
        """Call the function of a widget or of one of its buttons as the dashboard does. Returns its HTML."""
        event = {**parameters, "endpoints": {name: name for name in NEIGHBOURS}}
        called = self.browser.local("POST", f"/functions/{function}", event)
        expect(called["ok"], f"{function} → {called}")
        return str(called["result"])

    def with_code(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return a command of the second demo operator with the next code, which is unused."""
        self.browser.local("POST", "/clock", {"advance_ms": 30_000})
        who = self.browser.local("GET", "/operators")["operators"][-1]
        return {**event, "operator": who["name"], "operator_code": who["code"]}

    def compute_statistics(self) -> str:
        """Compute the statistics of the exam, which is over, and read them as JSON."""
        wanted = {"do": "compute_statistics", "exam_id": self.exam_id}
        expect("统计已算好" in self.widget("command_exam", wanted), "no statistics")
        found = httpx.get(self.link_of("statistics", "/statistics.json?"), timeout=30).json()
        paper = found["paper"]
        expect(paper["papers"] == 1, f"not one paper: {found['counted']}")
        told = f"{paper['papers']} 份试卷，平均 {paper['mean']:g} / {paper['out_of']:g} 分"
        return f"{told}；{len(found['questions'])} 道题各有得分率和选项分布"

    def make_day_report(self) -> str:
        """Order the exam-day report, and wait until its PDF is signed."""
        order = {"do": "make_day_report", "exam_id": self.exam_id, "reason": "存档备查"}
        given = self.with_code({**order, "command_id": next(self.ids)})
        expect("报告已出具" in self.widget("command_exam", given), "no report")
        address = self.wait_for(lambda: self.link_of("day_reports", "/day-reports/"), bool)
        document = httpx.get(address, timeout=30).content
        signed = document.startswith(b"%PDF-") and b"/ETSI.CAdES.detached" in document
        expect(signed, "the report is no signed PDF")
        return f"PDF {len(document) // 1024} kB，带数字签名，只有数字，没有个人信息"

    def link_of(self, view: str, part: str) -> str:
        """Return the link with this part that a view of the widget 考试与考前检查 shows; "" without one."""
        shown = self.widget("show_exams", {"exam_id": self.exam_id, "view": view})
        return next((address for address in links_in(shown) if part in address), "")


def links_in(shown: str) -> list[str]:
    """The addresses of all links of a widget."""
    return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', shown)]
