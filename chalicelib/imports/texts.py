"""What imports say to operators, in Chinese (zh-CN). Pure."""

OUTCOMES = {
    "published": "考试已发布",
    "prepared": "检查通过，已备好；上传 exams/{exam_id}.yaml 后发布",
    "replaced": "名单已更换",
    "kept": "照片已保存，用于本场考试的人脸核验",
    "unchanged": "与现有内容相同，没有改变",
    "superseded": "更晚上传的已经生效，这一份没有采用",
    "checked": "检查通过；这只是检查，没有导入",
    "refused": "没有导入任何内容：请按下面列出的原因修改后重新上传",
}

KINDS = {
    "pack": "考试包",
    "exam": "考试设置",
    "questions": "题库",
    "roster": "名单",
    "photos": "名单照片",
    "other": "放错地方的文件",
}

ADVICE = {
    "duplicate_stem": "题干与上面某题相同，请确认不是重复的题",
    "no_explanation": "没有解析",
    "all_options_right": "多选题的所有选项都是正确答案",
    "template_row": "模板自带的示例行，没有导入",
    "type_by_name": "没有“题型”列：按工作表或文件的名称，都作为{what}",
    "judge_as_single": "选项只有对错两项，像是判断题，现按单选题导入",
    "column_left_out": "这些列不导入：{what}",
    "sheet_left_out": "工作表“{what}”没有所需的列标题，没有导入",
    "picture_left_out": "这些行的图片没有导入：不在题干、选项、解析、材料的单元格里",
    "picture_without_alt": "图片没有文字说明：看不见图的考生无法作答，请写明图的内容",
    "pictures_unreadable": ".xls、.et 里的图片读不出来，没有导入：请另存为 .xlsx 后重新上传",
    "object_left_out": "这些行的图表、形状、文本框或嵌入对象（如公式编辑器的公式）没有导入",
    "macros_left_out": "文件中的宏没有运行，也不导入",
    "hidden_row_left_out": "隐藏的行（包括被筛选掉的）没有导入；需要导入的，请取消隐藏后重新上传",
    "hidden_column_left_out": "隐藏的列没有导入：{what}；需要导入的，请取消隐藏后重新上传",
    "hidden_sheet_left_out": "隐藏的工作表没有导入：{what}",
    "hidden_text_left_out": "单元格格式（如 ;;;）隐藏的内容没有导入；题干或姓名被隐藏的，整行没有导入",
    "struck_row_left_out": "划掉（删除线）的行没有导入",
    "struck_text_left_out": "划掉（删除线）的文字没有导入，其余照常",
    "markup_left_out": "题干、选项、解析、材料以外的列只取文字：上标、下标没有保留",
    "file_left_out": "没有使用：{why}",
    "read_as_bank": "不在 questions/ 里，已按题库导入；不是题库的，请从考试包中删去",
    "read_as_roster": "已按名单导入：只有名单上的人可以参加",
    "hidden_characters_removed": "看不见的字符已去掉",
    "quotes_removed": "数字前后的引号、等号已去掉",
    "number_cut_off": "证件号码的末三位是 000，像是被表格软件截断的，请逐一核对；以文本格式重新填写最可靠",
    "opened_keeps_time": "已打开考试的人仍按打开时的时长，如需更多时间请用 extend_time",
    "needs_photos": "本场考试按名单照片核验身份：请把照片压缩包上传到 photos/{exam_id}/",
    "without_photo": "名单中还有 {people} 人没有照片，他们无法通过人脸核验",
    "own_points": "这些题按题库中的分值计分，不按 exam.yaml 的 sections",
    "letter_removed": "选项前的字母（如 A.）已去掉，由系统显示",
    "number_removed": "题干开头的题号（如 1.）已去掉，由系统编号",
    "type_mark_removed": "题干里的题型（如【单选题】）已去掉，由系统显示",
    "order_kept": "有选项提到别的选项（如 A和B、前两项），这些题的选项不打乱",
    "option_pinned": "“以上都对”一类的选项固定在原来的位置（连同它下面的选项），其余选项照常打乱",
    "letter_named": "题干或解析写着选项的字母（如 A项、故选B），这些题的选项不打乱；要打乱的，请不写字母",
    "answer_in_stem": "题干里的答案已取出，不显示给考生",
    "key_mark_removed": "只有正确的选项整项加粗或加下划线，会让考生看出答案：这一格式已去掉",
    "type_by_content": "没有写明题型，已由选项和答案判断，请核对",
    "markup_read": "题中的 <b>、<sup>、$…$、&lt; 等写法已按格式、公式或符号显示，请核对",
    "kind_left_out": "没有导入，系统没有这种题型：{what}",
    "part_left_out": "题中的这一部分没有导入：{what}",
    "scored_otherwise": "原来的计分方式不保留，按考试设置计分：{what}",
    "series_few_sittings": "补考规则允许考 {tries} 次，本系列目前只发布了 {count} 场：发布更多场次后才能补考",
    "series_too_close": "补考须间隔 {days} 天，而本系列已发布的场次最早与最晚只相差 {span} 天：请发布更晚的场次，"
    "否则没有人能补考",
    "series_overlap": "本场与「{others}」时间重叠，且至少一场没有名单：同一个人只能打开其中一场，打开另一场时会被拒绝",
    "blank_added": "题干没有标出空的位置（____），已在末尾加上一个空",
    "answers_parted": "答案已按顿号、逗号或空格分给各个空，请核对；一行一个或用分号隔开最可靠",
    "answer_alternatives": "填空题的答案像是几种写法连在一起：现在考生须照样写全才对。几种都算对的，"
    "请用竖线隔开，如“{written}”写作“{better}”",
    "answer_range": "填空题的答案像是数值范围：现在考生须照样写出“{written}”才对。范围内都算对的，请写作“{better}”",
    "answer_raised": "填空题的答案有上标或下标：考生须输入同样的字符（如 ²）才对。也接受普通字符的，"
    "请用竖线隔开，如“{written}”写作“{better}”",
    "photo_stays": "这几人的照片没有采用：更晚上传的照片已经生效，或本人已打开考试、已要求删除照片",
}

# Why a file, or a sheet of it, is not read. A list of people that is not read is refused: without it, the exam would be
# open to others.
UNREAD = {
    "picture": "这种格式的图片不能使用：请转为 PNG 或 JPEG",
    "picture_unused": "没有题目用到这张图片",
    "document": "这类文件不能导入：题目请用 .docx 或填在 .xlsx 表格里，名单请填在 .xlsx 表格里",
    "spreadsheet": "这种格式的表格读不了：请另存为 .xlsx",
    "archive": "压缩包里的压缩包不读：请解开后放入",
    "table": "没有题库或名单的列标题",
    "other": "不认识这类文件，可以从考试包中删去",
    "people_sheet": "工作表“{what}”像是人员名单，但在题库里不读：请另存为名单，或删去这张工作表",
    "people_elsewhere": "有证件号码，像是人员名单，但没有读取：是名单的请命名为 roster.xlsx，不是的请删去",
    "people_by_number": "里面有身份证号码，像是名单，但没有读取（{why}）：是名单的请用 roster.xlsx，不是的请删去",
    "people_by_name": "像是人员名单，但没有读取（{why}）：是名单的请用 roster.xlsx 或 roster.csv，不是的请改名或删去",
    "second_roster": "名单只能有一份，另有：{first}",
    "too_many": "文件夹里的文件过多或过大：最多 600 个文件、20 MB",
    "newer": "这个文件没有读取（{why}），而它比已读取的文件更晚上传：请按要求重新上传，或删去这个文件",
    "list_beside_pack": "考试包发布时不读这份名单：请把名单放进考试包，或用 exam.yaml 代替考试包，或删去这个文件",
    "bank_beside_pack": "考试包发布时不读这里的题库",
    "misplaced": "放错了地方，没有读取：请放到 {folder}，或删去这个文件",
}

WITHOUT_ROSTER = "{who}；如果 roster/考试编号/ 里有名单，就只有名单上的人"

# Where a file belongs that nobody reads where it is (a value of `DropKind`, "" when its name does not tell).
PLACES = {
    "roster": "这里的文件没有人读取，名单没有生效：请放到 roster/考试编号/文件名",
    "questions": "这里的文件没有人读取：题库请放到 questions/考试编号/文件名",
    "": "这里的文件没有人读取：考试包和考试设置请放到 exams/，题库放到 questions/考试编号/，名单放到 roster/考试编号/，"
    "名单照片放到 photos/考试编号/",
}

# Why the document of a person is refused: which of type and number is wrong, and how.
NUMBERS = {
    "type_unknown": "证件类型不认识，须为：{names}",
    "type_empty": "证件类型没有填写，须为：{names}",
    "other_type": "证件类型与号码不符：号码不是{name}的，像是{others}的，请核对证件类型",
    "length": "证件号码不正确：{name}号码须为 18 位，这里是 {length} 位；其他证件请填写证件类型",
    "characters": "证件号码不正确：{name}号码须为 17 位数字加末位的数字或 X",
    "shape": "证件号码不正确：不是{name}号码的格式，请核对证件类型和号码",
    "birth_date": "证件号码不正确：第 7–14 位不是有效的出生日期",
    "check_digit": "证件号码不正确：末位校验码对不上，号码中有抄错的数字",
    "cut_off": "；末三位是 000，像是被表格软件截断，请以文本格式重新填写",
}

# Why a photo of somebody on the roster is not taken.
PHOTO_REFUSALS = {
    "not_on_roster": "本场考试的名单里没有此人",
    "opened": "此人已打开考试（或已要求删除照片），照片不能再更换：照片有误的，请处理其工单",
}

LABELS = {
    "title": "导入报告",
    "file": "文件",
    "kind": "类型",
    "exam_id": "考试编号",
    "at": "处理时间",
    "starts_at": "开考时间",
    "who_may_enter": "谁可以参加",
    "rows": "数据行",
    "right": "无误的行",
    "taken": "已导入的行",
    "refused": "须修改",
    "remarks": "请留意",
    "row": "行",
    "place": "位置",
    "reason": "原因",
    "rows_of": "第 {rows} 行",
    "more_rows": "等 {count} 行",
    "more": "只列出前 {shown} 处，共 {count} 处",
    "whole": "整个文件",
    "none": "无",
}

# The labels that differ in a report on photos: a zip has files, no rows.
PHOTO_LABELS = {
    "rows": "照片",
    "right": "可用的照片",
    "taken": "已保存的照片",
    "rows_of": "第 {rows} 个文件",
    "more_rows": "等 {count} 个",
}


def right_place(kind: str) -> str:
    """Where a file of this kind belongs (a value of `DropKind`, or "")."""
    return PLACES[kind]


def report_labels(kind: str) -> dict[str, str]:
    """The labels of a report on this kind of file (a value of `DropKind`)."""
    return {**LABELS, **(PHOTO_LABELS if kind == "photos" else {})}


def outcome_message(outcome: str, *, exam_id: str) -> str:
    """What became of a file (a value of `ImportOutcome`)."""
    return OUTCOMES[outcome].format(exam_id=exam_id)


def advice_message(advice: str, **values: str) -> str:
    """A remark (a value of `Advice`) with the values that its text names."""
    return ADVICE[advice].format(**values)
