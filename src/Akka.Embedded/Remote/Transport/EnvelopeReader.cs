using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Remote.Wire;

namespace Akka.Remote.Transport;

/// <summary>Delivers the messages that arrive on one connection.</summary>
internal sealed class EnvelopeReader(RemoteActorRefProvider provider, ILoggingAdapter log)
{
    private const int CacheLimit = 1_000;

    private readonly Dictionary<string, IActorRef> _refs = [];

    /// <summary>
    /// Delivers one frame. A message whose content cannot be read is logged and left out; the connection goes on, since
    /// its frames are sound.
    /// </summary>
    /// <exception cref="WireFormatException">The frame itself is not sound.</exception>
    public void Deliver(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var kind = (FrameKind)reader.Byte();
        if (kind is not (FrameKind.Message or FrameKind.System))
        {
            throw new WireFormatException($"a frame of unknown kind {(byte)kind}");
        }

        var recipientPath = reader.Text();
        var senderPath = reader.Text();
        var serializerId = reader.Int32();
        var manifest = reader.Text();
        var payload = reader.Rest().ToArray();
        object message;
        try
        {
            message = provider.System.Serialization.Deserialize(payload, serializerId, manifest);
        }
        catch (Exception cause)
        {
            log.Error(cause, "A message to {0} could not be read (serializer {1}, manifest '{2}')", recipientPath, serializerId, manifest);
            return;
        }

        var recipient = Recipient(recipientPath).AsInternal();
        if (kind == FrameKind.System)
        {
            DeliverSystem(recipient, message);
            return;
        }

        DeliverUser(recipient, message, senderPath.Length == 0 ? null : Resolve(senderPath));
    }

    private void DeliverUser(IInternalActorRef recipient, object message, IActorRef? sender)
    {
        if (message is ActorSelectionMessage selection)
        {
            ActorSelection.Deliver(recipient, sender ?? provider.DeadLetters, selection);
        }
        else if (message is not null and not ISystemMessage)
        {
            recipient.Tell(message, sender);
        }
    }

    private void DeliverSystem(IInternalActorRef recipient, object message)
    {
        switch (message)
        {
            case Watch watch:
                provider.DeathWatch.WatchedFrom(watch.Watchee, watch.Watcher);
                recipient.SendSystemMessage(watch with { Watchee = recipient });
                break;
            case Unwatch unwatch:
                provider.DeathWatch.UnwatchedFrom(unwatch.Watchee, unwatch.Watcher);
                recipient.SendSystemMessage(unwatch with { Watchee = recipient });
                break;
            case DeathWatchNotification ended when !ended.Actor.IsLocal:
                provider.DeathWatch.Ended(ended.Actor, recipient, ended.ExistenceConfirmed, ended.AddressTerminated);
                break;
            case Terminate:
                recipient.SendSystemMessage(Terminate.Instance);
                break;
        }
    }

    private IActorRef Recipient(string path)
    {
        if (!path.StartsWith('/'))
        {
            throw new WireFormatException("a recipient's path does not start with a slash");
        }

        if (_refs.TryGetValue(path, out var known))
        {
            return known;
        }

        var elements = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var actorPath = elements.Length == 0 ? provider.RootPath : provider.RootPath / elements;
        var found = provider.ResolveActorRef(actorPath);

        // Without uid the path may lead to another actor tomorrow, and an absent actor may come.
        if (actorPath.Uid != 0 && found is LocalActorRef)
        {
            Remember(path, found);
        }

        return found;
    }

    private IActorRef Resolve(string path)
    {
        if (_refs.TryGetValue(path, out var known))
        {
            return known;
        }

        var found = provider.ResolveActorRef(path);
        if (found is RemoteActorRef { Path.Uid: not 0 })
        {
            Remember(path, found);
        }

        return found;
    }

    private void Remember(string path, IActorRef found)
    {
        if (_refs.Count >= CacheLimit)
        {
            _refs.Clear();
        }

        _refs[path] = found;
    }
}
