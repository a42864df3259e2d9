using Akka.Actor;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;

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
            var sources = new ExplanationSources(
                watches[request.Cluster].Snapshot(Now), options.Schedules, state.Schedules, [.. ActiveRuns(request.Cluster)], state.Freezes.On(request.Cluster, Now));
            var (answer, failure) = Explainer.Explain(sources, request, Now);
            sender.Tell((object?)answer ?? failure!);
        });
    });

    private IEnumerable<RunView> ActiveRuns(string cluster) => state.Runs
        .Where(run => run.Active && run.Cluster == cluster && runViews.ContainsKey(run.RunId))
        .Select(run => runViews[run.RunId]);
}
