"""A scripted exam day: three candidates with real face pictures, over HTTP only.

    python -m examples.demo                                   starts an embedded cloud of its own
    python -m examples.demo --address http://127.0.0.1:8000   uses one that runs (moves its clock forward)

Each step is printed with the time it took and the AWS calls that its requests cost.
"""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator

import httpx

from examples.demo_browser import PICTURES, Browser, DemoFailed, expect
from examples.demo_office import OfficeSteps
from infra.local.ports import free_port

START_WITHIN_S = 120


class Day(OfficeSteps):
    """The days of the three candidates: their steps in order, by name."""

    def entering(self, picture: str = "frame_a.jpg") -> list[tuple[str, Callable[[], str]]]:
        """Do all steps from the registration to the first question of a published exam."""
        return [
            ("新用户注册", self.register),
            ("填写身份信息", self.fill_in_identity),
            ("上传证件照", self.upload_id_photo),
            ("点击开始考试", self.open_attempt),
            ("考前确认：须知、设备、网络", self.check_in),
            ("身份核验：本人", lambda: self.verify(picture, "passed")),
            ("进入考场，候考", self.enter_waiting_room),
            ("时钟拨到开考，开始考试", self.start_at_the_bell),
        ]

    def leaving_three_times(self) -> list[tuple[str, Callable[[], str]]]:
        """A second candidate, who switches to another page three times."""
        return [
            ("发布考试，15 分钟后开考", self.publish),
            *self.entering(),
            ("作答 5 题", lambda: self.answer(range(1, 6))),
            ("短暂离开 0.4 秒", lambda: self.leave(400)),
            ("切屏 4 秒", lambda: self.leave(4000)),
            ("切屏 4 秒", lambda: self.leave(4000)),
            ("切屏 4 秒", lambda: self.leave(4000)),
            ("查看成绩", lambda: self.see_outcome("failed", "switches")),
        ]

    def with_company(self) -> list[tuple[str, Callable[[], str]]]:
        """A third candidate is not alone in three snapshots and complains; an operator upholds the complaint."""
        return [
            ("发布考试，15 分钟后开考", self.publish),
            *self.entering(),
            ("抓拍：本人", lambda: self.snapshot("frame_a.jpg")),
            *[("抓拍：两个人", lambda: self.snapshot("frame_two.jpg"))] * 3,
            ("作答全部题目", lambda: self.answer(range(1, 21))),
            ("提交试卷", self.submit),
            ("查看成绩", lambda: self.see_outcome("invalidated", "candidate")),
            ("查看被指的画面", self.see_frames),
            ("我要投诉，附一张照片", self.complain),
            ("运营人员查看投诉：时间线与画面", self.review_complaint),
            ("运营人员支持投诉", self.uphold_complaint),
            ("短信通知，只有一条", self.read_notice),
            ("查看成绩", lambda: self.see_outcome("passed", "candidate", final=True)),
            ("领取证书", self.see_certificate),
            ("任何人查验证书", self.check_certificate),
            ("考生下载我的数据，不联网核对", self.check_own_data),
            ("山西政府采购平台：企业信息 > 培训列表 > 查看结果", self.see_as_partner),
            ("山西政府采购平台：证书详情", self.see_certificate_as_partner),
            ("运营人员生成成绩单（遮盖），下载 CSV", self.take_score_list),
            ("运营人员计算统计", self.compute_statistics),
            ("运营人员出具考试日报告", self.make_day_report),
        ]

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps of the first candidate by name."""
        return [
            ("发布考试，15 分钟后开考", self.publish),
            ("新用户注册", self.register),
            ("填写身份信息", self.fill_in_identity),
            ("上传证件照", self.upload_id_photo),
            ("试考：没有找到摄像头", self.practise_without_camera),
            ("再试考一次：走完全过程", self.practise),
            ("点击开始考试", self.open_attempt),
            ("考前确认：须知、设备、网络", self.check_in),
            ("身份核验：他人的脸", lambda: self.verify("frame_b.jpg", "failed")),
            ("身份核验：光线不足", lambda: self.verify("frame_dark.jpg", "not_run")),
            ("身份核验：本人", lambda: self.verify("frame_a.jpg", "passed")),
            ("进入考场，候考", self.enter_waiting_room),
            ("提前点击开始考试", self.start_too_early),
            ("时钟拨到开考，开始考试", self.start_at_the_bell),
            ("作答前 12 题", lambda: self.answer(range(1, 13))),
            ("运营人员发全场通知", self.announce),
            ("考生看到通知，按“我知道了”", self.confirm_announcement),
            ("运营人员查看回执", self.see_receipts),
            ("断线、关闭页面后回来", self.come_back),
            ("作答其余题目", lambda: self.answer(range(13, 21))),
            ("提交试卷", self.submit),
            ("查看成绩", self.see_result),
        ]


@contextlib.contextmanager
def launched() -> Iterator[str]:
    """Start an embedded cloud for the demo, and stop it at the end."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="kaochang-demo-") as var:
        log = pathlib.Path(var) / "launcher.log"
        command = [sys.executable, "-m", "infra.local", "--port", str(port), "--var", var]
        with log.open("w") as output:
            launcher = subprocess.Popen([*command, "--no-seed"], stdout=output, stderr=output)
            try:
                wait_until_up(address, launcher, log)
                yield address
            finally:
                launcher.terminate()
                launcher.wait(timeout=30)


def wait_until_up(address: str, launcher: "subprocess.Popen[bytes]", log: pathlib.Path) -> None:
    """Return when the API answers. Raises `DemoFailed` with the last output of the launcher."""
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until and launcher.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/api/exams", timeout=5).is_success:
                return
        time.sleep(0.3)
    raise DemoFailed(f"the embedded cloud did not start:\n{log.read_text()[-3000:]}")


def live(address: str, seed: int) -> None:
    """Play the days of three candidates. Raises `DemoFailed`."""
    expect(PICTURES.is_dir(), f"no pictures in {PICTURES}: run `make demo`, which fetches them")
    candidates = {
        "第一位考生：完整的一天": Day.steps,
        "第二位考生：切屏三次": Day.leaving_three_times,
        "第三位考生：抓拍中有两个人，投诉后恢复": Day.with_company,
    }
    print(f"考场演示 · {address}")
    for number, (title, plan) in enumerate(candidates.items()):
        browser = Browser(address)
        print(f"\n{title}\n")
        walk(browser, plan(Day(browser, seed + number)))


def walk(browser: Browser, steps: list[tuple[str, Callable[[], str]]]) -> None:
    """Do the steps and print result and cost of each. Raises `DemoFailed`."""
    total: Counter[str] = Counter()
    for number, (name, step) in enumerate(steps, start=1):
        browser.calls.clear()
        began = time.perf_counter()
        seen = step()
        ms = (time.perf_counter() - began) * 1000
        total += browser.calls
        cost = ", ".join(f"{n} {c}" for n, c in sorted(browser.calls.items())) or "–"
        print(f"{number:3}. {name}\n     {seen}\n     {ms:.0f} ms · AWS: {cost}")
    cost = ", ".join(f"{name} {count}" for name, count in sorted(total.items()))
    print(f"\n完成：{browser.requests} 次 API 请求，AWS 调用 {total.total()} 次（{cost}）")


def main() -> int:
    """Run the demo. Returns 0 when every step succeeds."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--address", help="a running embedded cloud; without it one is started")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    options = parser.parse_args()
    address = contextlib.nullcontext(options.address) if options.address else launched()
    try:
        with address as where:
            live(where.rstrip("/"), options.seed)
    except (DemoFailed, httpx.TransportError) as failed:
        print(f"\n演示中断：{failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
