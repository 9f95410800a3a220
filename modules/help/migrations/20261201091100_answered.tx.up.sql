-- A member of staff who leaves is looked up here.
create index feedback_answered_by on help.feedback (firm_id, answered_by);
