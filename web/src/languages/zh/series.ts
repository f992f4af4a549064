/** All that a person reads about sittings of a series, in Chinese (zh-CN). */
export const seriesTexts = {
  title: "场次与补考",
  thisSitting: (sitting: string): string => `本场是这一系列考试的「${sitting}」。`,
  once: "同一系列的考试每人只能参加一次，没有补考。",
  most: (n: number): string => `同一系列的考试每人最多参加 ${n} 次，第一次也算在内。`,
  afterDays: (n: number): string =>
    `两次考试须间隔 ${n} 天：从上一次交卷的那天算起，满 ${n} 天后开考的场次才可以参加。`,
  onlyFailed: "已经合格的，不能再参加。",
  alsoPassed: "已经合格的，也可以再参加。",
  oneByOne: "同一时间只能参加一场；上一次的成绩最终确定后，才能参加下一场。",
  absent: "入场截止前没有开始答题的，不算参加过。",
  best: "参加多次的，以最好的一次成绩为准。",
  last: "参加多次的，以最后一次成绩为准。",
  refused: "您不能参加这一场",
  counts: "计入成绩",
  countsSoFar: "暂计入成绩",
} as const;
