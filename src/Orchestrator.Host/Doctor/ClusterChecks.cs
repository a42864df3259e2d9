using Orchestrator.Core.Engines;
using Orchestrator.Core.Topology;
using Orchestrator.Engines;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Doctor;

/// <summary>Whether the configured clusters of other engines can be reached. Nothing is changed on them.</summary>
internal static class ClusterChecks
{
    private const string Check = "cluster";

    private const string StartIt = "Start it, open its port in the firewall, or correct the addresses in the cluster's settings.";

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

    private static string Remedy(Exception e) => ConnectionTroubles.Of(e) is { Count: > 0 } troubles
        ? string.Join(' ', troubles.Select(Remedy).Distinct())
        : e switch
        {
            EngineException { Fault: EngineFault.Denied } =>
                "Correct the user, the password or the certificate in the cluster's settings, or give that user the rights; 'orchestrator engines' lists what is needed.",
            EngineException { Fault: EngineFault.Misconfigured } => "Correct the cluster's settings.",
            _ => StartIt,
        };

    private static string Remedy(ConnectionTrouble trouble) => trouble switch
    {
        ConnectionTrouble.Refused => StartIt,
        ConnectionTrouble.UnknownHost => "Correct the host's name in the cluster's settings, or enter it in the DNS.",
        ConnectionTrouble.Untrusted => "Set tls.ca in the cluster's settings to the certificate of the authority that has signed the server's.",
        ConnectionTrouble.OtherName =>
            "Call the server by a name that its certificate has (in the addresses or, where the engine has it, tls.server-name), or give it a certificate for this name.",
        ConnectionTrouble.NotValidNow => "Renew the server's certificate; if it is valid, correct the clock of this machine.",
        ConnectionTrouble.Revoked => "Give the server a new certificate.",
        ConnectionTrouble.NoTls => "Correct the address or the port, or switch TLS off in the cluster's settings (http:// instead of https://).",
        _ => "Check that the server uses TLS at that address and port and, if it wants a certificate, that it trusts tls.certificate of the cluster's settings.",
    };
}
