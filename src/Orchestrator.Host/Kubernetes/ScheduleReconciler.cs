using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Core;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// Makes a CompactionRun of a CompactionSchedule at each of its times, as a CronJob makes Jobs. The name of a run follows from its time, so
/// that making it twice does no harm.
/// </summary>
internal sealed class ScheduleReconciler(ResourceClient client, ResourceStore runs, TimeProvider time) : IReconciler
{
    /// <summary>Marks the runs of a schedule.</summary>
    public const string Label = $"{ResourceKind.Group}/schedule";

    private const int DefaultSucceededKept = 3;
    private const int DefaultFailedKept = 1;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public ResourceKind Kind => ResourceKind.Schedule;

    public async Task<TimeSpan?> Reconcile(Resource schedule, CancellationToken cancellationToken)
    {
        if (schedule.IsBeingDeleted)
        {
            return null;
        }

        // Until they have been listed, none would seem to be at work.
        await runs.Listed.WaitAsync(cancellationToken);
        var now = time.GetUtcNow();
        var zone = schedule.Text("spec", "timeZone") is { Length: > 0 } named ? named : "UTC";
        if (ScheduleTimes.Read(schedule.Text("spec", "schedule"), zone, out var problem) is not { } times)
        {
            await client.Write(Kind, schedule, Draft(schedule, now, null, null).Set("message", problem).Condition("Ready", false, "InvalidSpec", problem), cancellationToken);
            return null;
        }

        var own = runs.All.Where(run => run.Text("metadata", "labels", Label) == schedule.Name).ToList();
        await Prune(schedule, own, cancellationToken);
        if (schedule.Flag("spec", "suspend"))
        {
            await client.Write(
                Kind, schedule, Draft(schedule, now, null, null).Set("message", "spec.suspend is true").Condition("Ready", false, "Suspended", "spec.suspend is true"), cancellationToken);
            return null;
        }

        var last = schedule.Time("status", "lastScheduleTime") ?? schedule.CreatedAt;
        var due = times.LastBetween(last, now);
        var message = due is { } at ? await Begin(schedule, own, at, now, cancellationToken) : schedule.Text("status", "message");
        var next = times.NextAfter(now);
        if (message.Length == 0 || schedule.Condition("Ready") == "False")
        {
            message = "no time has come yet";
        }

        await client.Write(Kind, schedule, Draft(schedule, now, due ?? schedule.Time("status", "lastScheduleTime"), next).Set("message", message).Condition("Ready", true, "Scheduled", message), cancellationToken);
        return next - now is { } wait && wait < Longest ? wait : Longest;
    }

    private async Task<string> Begin(Resource schedule, List<Resource> own, DateTimeOffset due, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (schedule.Whole("spec", "startingDeadlineSeconds") is { } deadline && (now - due).TotalSeconds > deadline)
        {
            return await Tell(schedule, "MissedSchedule", $"the run of {TimeText.Iso(due)} was missed: it is more than {deadline} s ago", true, cancellationToken);
        }

        var name = Name(schedule, due);
        var active = own.Where(run => !run.HasEnded && run.Name != name).ToList();
        var policy = schedule.Text("spec", "concurrencyPolicy");
        if (active.Count > 0 && policy is "" or "Forbid")
        {
            return await Tell(schedule, "SkippedSchedule", $"the run of {TimeText.Iso(due)} was left out: {active[0].Name} is still at work", false, cancellationToken);
        }

        if (policy == "Replace")
        {
            foreach (var run in active)
            {
                await client.Delete(ResourceKind.Run, run, cancellationToken);
            }
        }

        await client.Create(ResourceKind.Run, Run(schedule, name), cancellationToken);
        return await Tell(schedule, "CreatedRun", $"made CompactionRun {name}", false, cancellationToken);
    }

    /// <summary>At most 63 characters, so that it can be a label's value too.</summary>
    private static string Name(Resource schedule, DateTimeOffset due) => string.Create(
        CultureInfo.InvariantCulture, $"{schedule.Name[..Math.Min(schedule.Name.Length, 52)]}-{due.ToUnixTimeSeconds() / 60}");

    private static JsonObject Run(Resource schedule, string name) => new()
    {
        ["apiVersion"] = ResourceKind.ApiVersion,
        ["kind"] = ResourceKind.Run.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = schedule.Namespace,
            ["labels"] = new JsonObject { [Label] = schedule.Name },
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = ResourceKind.ApiVersion,
                ["kind"] = schedule.Kind,
                ["name"] = schedule.Name,
                ["uid"] = schedule.Uid,
                ["controller"] = true,
            }),
        },
        ["spec"] = schedule.Find("spec", "runTemplate", "spec")?.DeepClone(),
    };

    private async Task Prune(Resource schedule, List<Resource> own, CancellationToken cancellationToken)
    {
        var succeeded = (int)(schedule.Whole("spec", "successfulRunsHistoryLimit") ?? DefaultSucceededKept);
        var failed = (int)(schedule.Whole("spec", "failedRunsHistoryLimit") ?? DefaultFailedKept);
        var old = own.Where(run => run.Condition("Succeeded") == "True").OrderByDescending(run => run.CreatedAt).Skip(succeeded)
            .Concat(own.Where(run => run.Condition("Succeeded") == "False").OrderByDescending(run => run.CreatedAt).Skip(failed));
        foreach (var run in old.Where(run => !run.IsBeingDeleted).ToList())
        {
            await client.Delete(ResourceKind.Run, run, cancellationToken);
        }
    }

    private StatusDraft Draft(Resource schedule, DateTimeOffset now, DateTimeOffset? last, DateTimeOffset? next)
    {
        var draft = new StatusDraft(schedule, now);
        if ((last ?? schedule.Time("status", "lastScheduleTime")) is { } scheduled)
        {
            draft.Set("lastScheduleTime", TimeText.Iso(scheduled));
        }

        // A merge keeps what is not named: a time that there no longer is must be.
        draft.Content["nextScheduleTime"] = next is { } coming ? TimeText.Iso(coming) : null;
        return draft;
    }

    private async Task<string> Tell(Resource schedule, string reason, string message, bool isWarning, CancellationToken cancellationToken)
    {
        await client.Tell(schedule, reason, message, isWarning, cancellationToken);
        return message;
    }
}
