using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// Carries out a CompactionRun: has the supervisor start a run whose id follows from the object, so that starting it twice does no harm, and
/// shows it in the status until it has ended. The supervisor, not this class, does the work and keeps it.
/// </summary>
internal sealed class RunReconciler(
    ResourceClient client, SupervisorGateway supervisor, EngineProviders engines, WindowGate windows, TimeSpan poll, TimeProvider time) : IReleasingReconciler
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(10);

    public ResourceKind Kind => ResourceKind.Run;

    public bool Holds(Resource run) => !run.HasEnded;

    public async Task<TimeSpan?> Reconcile(Resource run, CancellationToken cancellationToken)
    {
        if (run.HasEnded)
        {
            return await DeleteInTime(run, cancellationToken);
        }

        await windows.Ready.WaitAsync(cancellationToken);
        var (view, failure) = await supervisor.Query<RunView>(new GetRun(IdOf(run)), SupervisorGateway.Quick, cancellationToken);
        return (view, failure) switch
        {
            (not null, _) => await Follow(run, view, cancellationToken),
            (_, { Code: FailureCode.NotFound }) when run.Text("status", "runId").Length > 0 => await Write(
                run, RunStatus.Without(run, "RunForgotten", "the supervisor no longer knows the run: its journal was replaced", true, Now), cancellationToken),
            (_, { Code: FailureCode.NotFound }) => await Start(run, cancellationToken),
            _ => await Wait(run, "SupervisorUnavailable", failure!.Message, cancellationToken),
        };
    }

    /// <summary>The object is let go when the run has ended: a step at work is stopped where its engine can, else finished.</summary>
    public async Task<TimeSpan?> Release(Resource run, CancellationToken cancellationToken)
    {
        if (run.HasEnded)
        {
            return null;
        }

        var (view, failure) = await supervisor.Query<RunView>(new GetRun(IdOf(run)), SupervisorGateway.Quick, cancellationToken);
        if (view is null || RunStatus.HasEnded(view))
        {
            return failure is { Code: not FailureCode.NotFound } ? poll : null;
        }

        if (view.State != "cancelling")
        {
            await supervisor.Query<RunView>(new CancelRun(view.Id, ByOf(run), "the CompactionRun was deleted"), SupervisorGateway.Quick, cancellationToken);
        }

        await Write(run, RunStatus.Of(run, view, Now), cancellationToken);
        return poll;
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private static string IdOf(Resource run) => $"k8s-{run.Uid}";

    private static string ByOf(Resource run) => $"kubernetes {run.FullName}";

    private async Task<TimeSpan?> Start(Resource run, CancellationToken cancellationToken)
    {
        if (run.Flag("spec", "suspend"))
        {
            return await Wait(run, "Suspended", "spec.suspend is true", cancellationToken);
        }

        if (windows.ReasonAgainst(run, Now) is { } closed)
        {
            return await Wait(run, closed.Reason, closed.Message, cancellationToken);
        }

        var (body, errors) = Read(run);
        if (errors.Count > 0)
        {
            var named = string.Join("; ", errors.Select(error => $"spec.{error.Field}: {error.Message}"));
            return await Write(run, RunStatus.Without(run, "InvalidSpec", named, true, Now), cancellationToken);
        }

        var origin = new RunOrigin(ByOf(run), "", body.Window ?? "", body.NeedsApproval ?? false);
        var (view, failure) = await supervisor.Query<RunView>(
            new StartRun(IdOf(run), body.ToRequest(body.Cluster!)) { Origin = origin }, SupervisorGateway.AsksNodes, cancellationToken);
        return (view, failure!) switch
        {
            (not null, _) => await Follow(run, view, cancellationToken),
            (_, { Code: FailureCode.Invalid }) => await Write(run, RunStatus.Without(run, "InvalidSpec", failure!.Message, true, Now), cancellationToken),
            (_, { Code: FailureCode.Conflict }) => await Wait(run, "AnotherRunIsActive", failure!.Message, cancellationToken),
            (_, { Code: FailureCode.NotFound }) => await Wait(run, "NotFound", failure!.Message, cancellationToken),
            (_, { Code: FailureCode.Refused }) => await Wait(run, "Refused", failure!.Message, cancellationToken),
            _ => await Wait(run, "SupervisorUnavailable", failure!.Message, cancellationToken),
        };
    }

    /// <summary>Pauses and resumes the run as the object says, and shows where it stands. What a person has paused, a person resumes.</summary>
    private async Task<TimeSpan?> Follow(Resource run, RunView view, CancellationToken cancellationToken)
    {
        var by = ByOf(run);
        var stop = run.Flag("spec", "suspend") ? "spec.suspend is true" : windows.ReasonAgainst(run, Now)?.Message ?? "";
        var isOurs = view.Reason.StartsWith($"paused by {by}", StringComparison.Ordinal);
        IRunControl? order = (view.State, stop.Length > 0) switch
        {
            ("planned" or "waiting" or "running", true) => new PauseRun(view.Id, by, stop),
            ("paused", false) when isOurs => new ResumeRun(view.Id, by),
            _ => null,
        };
        if (order is not null)
        {
            view = (await supervisor.Query<RunView>(order, SupervisorGateway.Quick, cancellationToken)).Reply ?? view;
        }

        await Write(run, RunStatus.Of(run, view, Now), cancellationToken);
        return RunStatus.HasEnded(view) ? null : poll;
    }

    private async Task<TimeSpan?> DeleteInTime(Resource run, CancellationToken cancellationToken)
    {
        if (run.Whole("spec", "ttlSecondsAfterFinished") is not { } seconds)
        {
            return null;
        }

        var left = (run.Time("status", "completionTime") ?? Now) + TimeSpan.FromSeconds(seconds) - Now;
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        await client.Delete(Kind, run, cancellationToken);
        return null;
    }

    private async Task<TimeSpan?> Wait(Resource run, string reason, string message, CancellationToken cancellationToken)
    {
        await Write(run, RunStatus.Without(run, reason, message, false, Now), cancellationToken);
        return poll * 2 < Later ? poll * 2 : Later;
    }

    /// <summary>Writes a status that says something new, and tells an event when the state or the reason has changed.</summary>
    private async Task<TimeSpan?> Write(Resource run, StatusDraft draft, CancellationToken cancellationToken)
    {
        if (!await client.Write(Kind, run, draft, cancellationToken))
        {
            return null;
        }

        var told = new Resource(new JsonObject { ["status"] = draft.Content.DeepClone() });
        if (ReasonOf(told) is { Length: > 0 } reason && reason != ReasonOf(run))
        {
            await client.Tell(run, reason, told.Text("status", "message"), reason is "Failed" or "InvalidSpec" or "RunForgotten", cancellationToken);
        }

        return null;
    }

    private static string ReasonOf(Resource run) => (run.Status["conditions"] as JsonArray)?
        .OfType<JsonObject>()
        .FirstOrDefault(condition => condition["type"]?.ToString() == "Progressing")?["reason"]?.ToString() ?? "";

    /// <summary>The object's fields are those of the HTTP API's body, but for how they name the cluster and the approval.</summary>
    private (CompactionBody Body, List<FieldErrorDto> Errors) Read(Resource run)
    {
        var body = new JsonObject { ["cluster"] = run.Text("spec", "clusterRef", "name") };
        foreach (var name in (string[])["scope", "options", "window"])
        {
            if (run.Spec[name] is { } value)
            {
                body[name] = value.DeepClone();
            }
        }

        body["needsApproval"] = run.Text("spec", "approval") == "Required";
        var errors = new List<FieldErrorDto>();
        return (CompactionBodyReader.Read(JsonElement.Parse(body.ToJsonString()), null, engines, errors), errors);
    }
}
