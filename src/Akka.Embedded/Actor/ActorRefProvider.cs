using System.Globalization;
using System.Security.Cryptography;

namespace Akka.Actor;

/// <summary>Makes and finds refs.</summary>
public interface IActorRefProvider
{
    /// <summary>Path of the root.</summary>
    ActorPath RootPath { get; }

    /// <summary>The address that others reach this system at; a local one without remoting.</summary>
    Address DefaultAddress { get; }

    /// <summary>Where messages without receiver go.</summary>
    IActorRef DeadLetters { get; }

    /// <summary>The system's settings.</summary>
    Settings Settings { get; }

    /// <summary>A fresh path under <c>/temp</c>.</summary>
    ActorPath TempPath();

    /// <summary>The ref of a path; one that leads to the dead letters when there is no such actor here.</summary>
    IActorRef ResolveActorRef(string path);

    /// <summary>The ref of a path; one that leads to the dead letters when there is no such actor here.</summary>
    IActorRef ResolveActorRef(ActorPath actorPath);

    /// <summary>The root of the system at an address; the dead letters when it cannot be reached from here.</summary>
    IActorRef RootGuardianAt(Address address);

    /// <summary>This system's address as the one at <paramref name="address"/> must call it; null when there is none.</summary>
    Address? GetExternalAddressFor(Address address);
}

/// <summary>
/// The provider of a system without remoting, and the base of the one with it: <c>akka.actor.provider = remote</c> or <c>cluster</c> makes
/// <c>Akka.Remote.RemoteActorRefProvider</c>, an internal class of this assembly derived from this one, with the constructor
/// <c>(ActorSystemImpl system)</c>. It overrides:
/// <list type="bullet">
/// <item><see cref="DefaultAddress"/>, known at the latest when <see cref="Start"/> returns;</item>
/// <item><see cref="Start"/>, called once /user and /system run and the loggers are up: open the transport, start system actors
/// (<c>System.SystemActorOf</c>), register <c>System.AddTerminationHook</c> and tasks of <see cref="CoordinatedShutdown"/>;</item>
/// <item><see cref="ResolveForeign"/>, which makes the ref of a path whose address is not this system's;</item>
/// <item><see cref="OwnsAddress"/>, when the system has more than one address.</item>
/// </list>
/// Paths of local actors keep the local address (<c>akka://name</c>); <see cref="Serialization.Serialization.SerializedActorPath"/> puts
/// <see cref="DefaultAddress"/> in its place.
/// </summary>
internal class ActorRefProvider : IActorRefProvider
{
    private readonly VirtualPathContainer _temp;
    private readonly RootSupervisor _rootSupervisor;
    private long _tempNumber;

    public ActorRefProvider(ActorSystemImpl system)
    {
        System = system;
        RootPath = new RootActorPath(new Address("akka", system.Name));
        _temp = new VirtualPathContainer(system, RootPath / "temp");
        _rootSupervisor = new RootSupervisor(system, RootPath);
        DeadLetters = new DeadLetterActorRef(system, RootPath / "deadLetters");
        RootGuardian = new LocalActorRef(system, Props.Create<RootGuardian>(), system.DefaultDispatcher, _rootSupervisor, RootPath);
    }

    public ActorSystemImpl System { get; }

    public ActorPath RootPath { get; }

    public virtual Address DefaultAddress => RootPath.Address;

    public IActorRef DeadLetters { get; }

    public Settings Settings => System.Settings;

    public LocalActorRef RootGuardian { get; }

    /// <summary><c>/user</c>.</summary>
    public LocalActorRef Guardian { get; private set; } = null!;

    /// <summary><c>/system</c>.</summary>
    public LocalActorRef SystemGuardian { get; private set; } = null!;

    public IInternalActorRef TempContainer => _temp;

    /// <summary>Done when the root has stopped.</summary>
    public Task TerminationTask => _rootSupervisor.Terminated;

    /// <summary>Starts the guardians.</summary>
    public void StartGuardians()
    {
        RootGuardian.SendSystemMessageInternal(Dispatch.Create.Instance);
        Guardian = RootGuardian.Cell.StartGuardian(Props.Create(typeof(UserGuardian), GuardianStrategy()), "user");
        SystemGuardian = RootGuardian.Cell.StartGuardian(Props.Create(typeof(SystemGuardian), System), "system");
    }

    /// <summary>Called when the system is otherwise ready, before <c>ActorSystem.Create</c> returns.</summary>
    public virtual void Start()
    {
    }

    public ActorPath TempPath()
    {
        var number = Interlocked.Increment(ref _tempNumber);
        return new ChildActorPath(_temp.Path, "$" + number.ToString("x", CultureInfo.InvariantCulture), 0);
    }

    public void RegisterTempActor(IInternalActorRef actor, ActorPath path) => _temp.Add(path.Name, actor);

    public void UnregisterTempActor(ActorPath path) => _temp.Remove(path.Name);

    public IActorRef ResolveActorRef(string path) =>
        ActorPath.TryParse(path, out var parsed) ? ResolveActorRef(parsed!) : DeadLetters;

    public IActorRef ResolveActorRef(ActorPath actorPath)
    {
        ArgumentNullException.ThrowIfNull(actorPath);
        return OwnsAddress(actorPath.Address) ? ResolveLocal(actorPath) : ResolveForeign(actorPath);
    }

    public IActorRef RootGuardianAt(Address address) =>
        OwnsAddress(address) ? RootGuardian : ResolveForeign(new RootActorPath(address));

    public virtual Address? GetExternalAddressFor(Address address) => OwnsAddress(address) ? DefaultAddress : null;

    /// <summary>True for an address of this system: its local one, or <see cref="DefaultAddress"/>.</summary>
    protected internal virtual bool OwnsAddress(Address address) => address == RootPath.Address || address == DefaultAddress;

    /// <summary>The ref of a path of another system; here, without remoting, one that leads to the dead letters.</summary>
    protected virtual IActorRef ResolveForeign(ActorPath path) => new EmptyLocalActorRef(System, path);

    private IActorRef ResolveLocal(ActorPath path)
    {
        var elements = path.Elements.ToArray();
        if (elements is ["deadLetters"])
        {
            return DeadLetters;
        }

        var found = elements is ["temp", ..] ? ((IInternalActorRef)_temp).GetChild(elements.AsSpan(1)) : ((IInternalActorRef)RootGuardian).GetChild(elements);
        var isThisOne = !found.Equals(Nobody.Instance) && (path.Uid == 0 || found.Path.Uid == path.Uid);
        return isThisOne ? found : new EmptyLocalActorRef(System, (RootPath / elements).WithUid(elements.Length == 0 ? 0 : path.Uid));
    }

    private SupervisorStrategy GuardianStrategy()
    {
        const string key = "akka.actor.guardian-supervisor-strategy";
        var name = Settings.Config.GetString(key, "Akka.Actor.DefaultSupervisorStrategy");
        return name.Split(',')[0].Trim() switch
        {
            "Akka.Actor.DefaultSupervisorStrategy" => SupervisorStrategy.DefaultStrategy,
            "Akka.Actor.StoppingSupervisorStrategy" => SupervisorStrategy.StoppingStrategy,
            _ => throw new Configuration.ConfigurationException(
                $"{key} is '{name}'; it must be Akka.Actor.DefaultSupervisorStrategy or Akka.Actor.StoppingSupervisorStrategy."),
        };
    }
}

/// <summary>Incarnation numbers: never 0, different in every process, never given twice in one.</summary>
internal sealed class UidSource
{
    private uint _next = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    public long Next()
    {
        while (true)
        {
            // A step of the golden ratio's size goes through all numbers before one comes back.
            var uid = Interlocked.Add(ref _next, 0x9E3779B1u) & int.MaxValue;
            if (uid != 0)
            {
                return uid;
            }
        }
    }
}
