using Akka.Actor;
using Orchestrator.Core;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Supervisor;

/// <content>Why units were compacted, why not since, and what happens next.</content>
internal sealed partial class SupervisorActor
{
    private void ReceiveExplanations() => Command<ExplainUnits>(request =>
    {
        if (!watches.ContainsKey(request.Cluster))
        {
            Sender.Tell(NoSuchCluster(request.Cluster));
            return;
        }

        var sender = Sender;
        TakeInventories(request.Cluster, "", _ =>
        {
            var now = Now;
            var sources = new ExplanationSources(
                watches[request.Cluster].Snapshot(now), options.Schedules, state.Schedules, [.. ActiveRuns(request.Cluster)], state.Freezes.On(request.Cluster, now));

            // Off the mailbox: with many units it takes longer than others can wait.
            Task.Run(() => Explainer.Explain(sources, request, now)).PipeTo(
                sender,
                Self,
                explained => (object?)explained.Answer ?? explained.Failure!,
                error => new RequestFailed(FailureCode.Unavailable, $"it could not be explained: {ErrorText.Shown(error.Message, out bool _)}", ""));
        });
    });

    private IEnumerable<RunView> ActiveRuns(string cluster) => state.Runs
        .Where(run => run.Active && run.Cluster == cluster && runViews.ContainsKey(run.RunId))
        .Select(run => runViews[run.RunId]);
}
