-- A learning that a rule proposed may be put into a model's words. What the rule said stays beside them, so that it is
-- not proposed again.
alter table learning add column worded_by text; -- provider/model, `rules` where a model's words were refused, `person`
alter table learning add column rule_statement text;
alter table learning add column rule_key text;
update learning set rule_statement = statement, rule_key = key where origin <> 'person';
create index learning_rule on learning (workspace_id, rule_key) where rule_key is not null;
