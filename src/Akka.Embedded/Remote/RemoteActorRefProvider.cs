using System.Security.Cryptography;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Serialization;
using Akka.Remote.Transport;

namespace Akka.Remote;

/// <summary>Provider of a system whose actors can be reached over TCP; of a cluster node, too.</summary>
internal sealed class RemoteActorRefProvider : ActorRefProvider
{
    private RemoteTransport? _transport;

    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public RemoteActorRefProvider(ActorSystemImpl system)
        : base(system)
    {
        RemoteSettings = new RemoteSettings(system.Settings.Config);
        Uid = RandomNumberGenerator.GetInt32(1, int.MaxValue);
        DeathWatch = new RemoteDeathWatch(this);
    }

    public RemoteSettings RemoteSettings { get; }

    /// <summary>Number of this incarnation of the system.</summary>
    public int Uid { get; }

    public RemoteDeathWatch DeathWatch { get; }

    public RemoteTransport Transport => _transport ?? throw new InvalidOperationException("Remoting has not been started.");

    public override Address DefaultAddress => _transport?.LocalAddress ?? base.DefaultAddress;

    /// <exception cref="ConfigurationException">The system cannot listen at the configured address.</exception>
    public override void Start()
    {
        RuntimeSerializer.Register(System);
        _transport = new RemoteTransport(this, Logging.GetLogger(System.EventStream, "Remoting"));
        _transport.Listen();
        System.AddTerminationHook(StopAsync);
        DeathWatch.Start();
        if (Settings.HasCluster)
        {
            Cluster.Cluster.Get(System);
        }
    }

    /// <summary>The ref of an actor of another system.</summary>
    public RemoteActorRef MakeRemote(ActorPath path) => new(this, Transport.AssociationWith(path.Address), path);

    protected override IActorRef ResolveForeign(ActorPath path) =>
        path.Address is { HasGlobalScope: true, Port: > 0 } address && address.Protocol == RemoteSettings.Protocol && _transport is not null
            ? MakeRemote(path)
            : base.ResolveForeign(path);

    public override Address? GetExternalAddressFor(Address address) =>
        OwnsAddress(address) || address.Protocol == RemoteSettings.Protocol ? DefaultAddress : null;

    private async Task StopAsync()
    {
        DeathWatch.Stop();
        await Transport.StopAsync().ConfigureAwait(false);
    }
}
