using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Doctor;

/// <summary>Whether the configured clusters of other engines can be reached. Nothing is changed on them.</summary>
internal static class ClusterChecks
{
    private const string Check = "cluster";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Finding>> Look(OrchestratorSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(settings.Clusters.Select(cluster => Cluster(cluster, time, cancellationToken)));
        return [.. found.SelectMany(findings => findings)];
    }

    private static async Task<IReadOnlyList<Finding>> Cluster(ConfiguredCluster configured, TimeProvider time, CancellationToken cancellationToken)
    {
        if (configured.Engine.IsBuiltIn)
        {
            return [];
        }

        var name = $"{configured.Options.Name} ({configured.Engine.Description.Title})";
        try
        {
            await using var clusters = EngineClusters.Create([configured.Options], time);
            var cluster = clusters.All.Single();
            var topology = await Within(cluster.Discover, cancellationToken);
            var members = topology.ReplicaSets.SelectMany(set => set.Members).Distinct().ToList();
            var away = (await Task.WhenAll(members.Select(member => Member(name, cluster, member, cancellationToken)))).OfType<Finding>().ToList();
            return
            [
                Finding.Ok(Check, $"{name} answers: {Human.Count(topology.ReplicaSets.Count, "replica set")}, {Human.Count(members.Count, "member")}, {members.Count - away.Count} can be used."),
                .. away,
            ];
        }
        catch (Exception e) when (IsNoAnswer(e, cancellationToken))
        {
            return [Finding.Fail(Check, $"{name} cannot be used: {Reason(e)}.", Remedy(e))];
        }
        catch (ServeException e)
        {
            return [Finding.Fail(Check, $"{name} cannot be used: {e.Message.TrimEnd('.')}.", "Correct the file or the setting.")];
        }
    }

    /// <returns>Null where nothing is wrong.</returns>
    private static async Task<Finding?> Member(string cluster, IEngineCluster engine, string member, CancellationToken cancellationToken)
    {
        try
        {
            var seen = await Within(engine.Member(member).Observe, cancellationToken);
            return seen.State.IsReachable() && seen.Reason.Length == 0
                ? null
                : Finding.Warn(Check, $"Member {member} of {cluster} is {seen.State.ToText()}: {seen.Reason.TrimEnd('.')}.", "Runs leave it out until it is online.");
        }
        catch (Exception e) when (IsNoAnswer(e, cancellationToken))
        {
            return Finding.Warn(Check, $"Member {member} of {cluster} cannot be used: {Reason(e)}.", Remedy(e));
        }
    }

    private static async Task<T> Within<T>(Func<CancellationToken, Task<T>> question, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        return await question(limit.Token);
    }

    private static bool IsNoAnswer(Exception e, CancellationToken cancellationToken) =>
        e is EngineException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static string Reason(Exception e) => e is EngineException ? e.Message.TrimEnd('.') : $"no answer within {Human.RoughDuration(Patience)}";

    private static string Remedy(Exception e) => e is EngineException { Fault: EngineFault.Denied }
        ? "Correct the user, the password or the certificate in the cluster's settings, or give that user the rights; 'orchestrator engines' lists what is needed."
        : e is EngineException { Fault: EngineFault.Misconfigured }
            ? "Correct the cluster's settings."
            : "Start it, open its port in the firewall, or correct the addresses in the cluster's settings.";
}
