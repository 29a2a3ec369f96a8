-- So that a page of a workspace with years behind it looks only at what goes on.

create index campaign_open on campaign (workspace_id, stage) where finished_at is null;

-- The same as post_timeline.
drop index post_due;
