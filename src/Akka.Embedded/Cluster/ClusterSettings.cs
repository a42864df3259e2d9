using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Configuration;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>The settings of <c>akka.cluster</c>.</summary>
internal sealed class ClusterSettings
{
    private const string Root = "akka.cluster";

    /// <exception cref="ConfigurationException">A value is wrong.</exception>
    public ClusterSettings(Config config, string systemName)
    {
        SeedNodes = [.. config.GetStringList($"{Root}.seed-nodes").Select(text => Seed(text, systemName))];
        Roles = [.. config.GetStringList($"{Root}.roles")];
        RunCoordinatedShutdownWhenDown = config.GetBoolean($"{Root}.run-coordinated-shutdown-when-down");
        DownRemovalMargin = OptionalTime(config, $"{Root}.down-removal-margin") ?? TimeSpan.Zero;
        Node = new ClusterNodeSettings(
            ReadMembership(config),
            RemoteSettings.FailureDetector(config, $"{Root}.failure-detector"),
            Milliseconds(config, "failure-detector.heartbeat-interval"),
            Milliseconds(config, "failure-detector.expected-response-after"),
            Milliseconds(config, "gossip-interval"),
            Milliseconds(config, "leader-actions-interval"),
            Milliseconds(config, "unreachable-nodes-reaper-interval"),
            Milliseconds(config, "seed-node-timeout"),
            Milliseconds(config, "retry-unsuccessful-join-after"),
            (long?)OptionalTime(config, $"{Root}.shutdown-after-unsuccessful-join-seed-nodes")?.TotalMilliseconds ?? -1);
    }

    public ImmutableList<Address> SeedNodes { get; }

    public ImmutableHashSet<string> Roles { get; }

    public bool RunCoordinatedShutdownWhenDown { get; }

    /// <summary>How long a singleton waits after its lost host was removed.</summary>
    public TimeSpan DownRemovalMargin { get; }

    public ClusterNodeSettings Node { get; }

    private static MembershipSettings ReadMembership(Config config)
    {
        var roles = ImmutableDictionary.CreateBuilder<string, int>();
        foreach (var role in config.GetConfig($"{Root}.role")?.Keys() ?? [])
        {
            roles[role] = RemoteSettings.Range(config, $"{Root}.role.\"{role}\".min-nr-of-members", 1, 10_000);
        }

        return new MembershipSettings(
            RemoteSettings.Range(config, $"{Root}.min-nr-of-members", 1, 10_000),
            roles.ToImmutable(),
            StableAfter(config),
            config.GetString($"{Root}.split-brain-resolver.keep-majority.role", ""),
            Milliseconds(config, "prune-gossip-tombstones-after"),
            Milliseconds(config, "failure-detector.heartbeat-interval")
                + (long)RemoteSettings.FailureDetector(config, $"{Root}.failure-detector").AcceptablePauseMs);
    }

    private static long StableAfter(Config config)
    {
        var provider = config.GetString($"{Root}.downing-provider-class", "").Split(',')[0].Trim();
        switch (provider)
        {
            case "" or "Akka.Cluster.NoDowning":
                return -1;
            case "Akka.Cluster.SplitBrainResolver" or "Akka.Cluster.SBR.SplitBrainResolverProvider":
                break;
            default:
                throw new ConfigurationException(
                    $"{Root}.downing-provider-class is '{provider}'; it must be Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster.SplitBrainResolver or Akka.Cluster.NoDowning.");
        }

        var strategy = config.GetString($"{Root}.split-brain-resolver.active-strategy", "");
        return strategy switch
        {
            "keep-majority" => Milliseconds(config, "split-brain-resolver.stable-after"),
            "off" => -1,
            _ => throw new ConfigurationException($"{Root}.split-brain-resolver.active-strategy is '{strategy}'; it must be keep-majority or off."),
        };
    }

    private static long Milliseconds(Config config, string key) => (long)RemoteSettings.Positive(config, $"{Root}.{key}").TotalMilliseconds;

    private static TimeSpan? OptionalTime(Config config, string path) =>
        config.GetString(path, "").ToLowerInvariant() is "off" or "false" ? null : RemoteSettings.Positive(config, path);

    private static Address Seed(string text, string systemName)
    {
        if (!Address.TryParse(text, out var address) || address is not { HasGlobalScope: true, Port: not null })
        {
            throw new ConfigurationException($"{Root}.seed-nodes: '{text}' is not of the form akka.tcp://system@host:port.");
        }

        return address.System == systemName
            ? address
            : throw new ConfigurationException($"{Root}.seed-nodes: '{text}' names another actor system; this one is '{systemName}'.");
    }
}
