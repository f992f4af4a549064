"""Exam-day reports 考试日报告: one signed PDF of an exam with figures that an auditor can count again."""
