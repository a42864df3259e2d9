using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Core;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Host.Kubernetes;

/// <summary>What the status of a CompactionRun says: of a run, or why there is none yet.</summary>
internal static class RunStatus
{
    /// <summary>Rows are bounded: a status is read by many, whole.</summary>
    private const int MaxMembers = 100;

    public static bool HasEnded(RunView run) => !RunStates.Unfinished.Contains(run.State);

    public static StatusDraft Of(Resource resource, RunView run, DateTimeOffset now)
    {
        var ended = HasEnded(run);
        var state = StatusDraft.CamelCase(run.State);
        var message = Message(run);
        var draft = new StatusDraft(resource, now)
            .Set("runId", run.Id)
            .Set("state", state)
            .Set("message", message)
            .Set("estimatedBytes", run.EstimatedBytesFreed)
            .Set("reclaimedBytes", run.BytesFreed)
            .Set("reclaimed", ByteText.Of(run.BytesFreed))
            .Set("startTime", TimeText.Iso(run.CreatedAt))
            .Set("members", Members(run))
            .Condition("Planned", true, "RunPlanned", $"{Counted(run.Plan.Steps.Count(), "step")}, expected to free {ByteText.Of(run.EstimatedBytesFreed)}");
        if (run.FinishedAt is { } finished)
        {
            draft.Set("completionTime", TimeText.Iso(finished));
        }

        var succeeded = run.State is "completed" or "completed-with-skips";
        return draft
            .Condition("Progressing", !ended && run.State is "running" or "planned", Waits(run) ?? state, message)
            .Condition("Succeeded", ended ? succeeded : null, ended ? state : "InProgress", message);
    }

    /// <summary>There is no run yet, or there never will be one.</summary>
    /// <param name="isFinal">Whether nothing more will come of it.</param>
    public static StatusDraft Without(Resource resource, string reason, string message, bool isFinal, DateTimeOffset now)
    {
        var draft = new StatusDraft(resource, now)
            .Keep("runId", "startTime", "estimatedBytes", "reclaimedBytes", "reclaimed", "members")
            .Set("state", isFinal ? "Failed" : "Pending")
            .Set("message", message)
            .Condition("Planned", false, reason, message)
            .Condition("Progressing", false, reason, message)
            .Condition("Succeeded", isFinal ? false : null, reason, message);
        return isFinal ? draft.Set("completionTime", TimeText.Iso(now)) : draft;
    }

    private static string? Waits(RunView run) =>
        run.State == "waiting" && run.WaitingFor.Split(',')[0].Trim() is { Length: > 0 } check ? StatusDraft.CamelCase(check) : null;

    private static string Message(RunView run)
    {
        var done = run.Steps.Count(step => step.FinishedAt is not null);
        var active = run.Steps.Where(step => step.State is "running" or "pausing").Select(step => $"{step.Node} ({(step.Kind == "compact" ? "compacts" : "steps down")})").ToList();
        return run.State switch
        {
            "completed" when run.Steps.Count == 0 => $"nothing to do: {WhyNothing(run)}",
            "completed" or "completed-with-skips" => $"freed {ByteText.Of(run.BytesFreed)}",
            "running" => $"{done} of {Counted(run.Steps.Count, "step")} done; {(active.Count == 0 ? "between two steps" : string.Join(", ", active))}",
            _ => run.Reason.Length > 0 ? run.Reason : run.State,
        };
    }

    private static string WhyNothing(RunView run)
    {
        var reasons = run.Plan.ReplicaSets.SelectMany(set => set.Skipped).Select(skipped => $"{skipped.Node}: {skipped.Reason}").Distinct().Take(3).ToList();
        return reasons.Count == 0 ? "there is nothing in the scope" : string.Join("; ", reasons);
    }

    private static JsonArray Members(RunView run)
    {
        var roles = run.Plan.Steps.OfType<CompactMemberStep>().ToDictionary(step => step.Number, step => step.RoleWhenPlanned.ToString());
        return [.. run.Steps.Where(step => step.Kind == "compact").Take(MaxMembers).Select(step => (JsonNode)Member(step, roles.GetValueOrDefault(step.Number, "")))];
    }

    private static JsonObject Member(StepView step, string role)
    {
        var row = new JsonObject
        {
            ["name"] = step.Node,
            ["replicaSet"] = step.ReplicaSet,
            ["role"] = role,
            ["outcome"] = step.State switch
            {
                "completed" => "Compacted",
                var other => StatusDraft.CamelCase(other),
            },
            ["reason"] = StatusDraft.Shortened(step.Reason, 300),
        };
        if (step.FinishedAt is { } finished)
        {
            row["sizeBefore"] = step.BytesBefore;
            row["sizeAfter"] = step.BytesAfter;
            row["reclaimedBytes"] = step.BytesFreed;
            row["completionTime"] = TimeText.Iso(finished);
        }

        return row;
    }

    private static string Counted(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
