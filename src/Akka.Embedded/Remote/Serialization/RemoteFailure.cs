using Akka.Actor;
using Akka.Remote.Wire;

namespace Akka.Remote.Serialization;

/// <summary>
/// Carries an exception's type name and message. The types that a caller may want to tell apart are made again, from a
/// fixed list; any other becomes an <see cref="AkkaException"/> whose message starts with the type's name.
/// </summary>
internal static class RemoteFailure
{
    private static readonly Dictionary<string, Func<string, Exception>> Known = new()
    {
        [typeof(TimeoutException).FullName!] = m => new TimeoutException(m),
        [typeof(InvalidOperationException).FullName!] = m => new InvalidOperationException(m),
        [typeof(ArgumentException).FullName!] = m => new ArgumentException(m),
        [typeof(NotSupportedException).FullName!] = m => new NotSupportedException(m),
        [typeof(OperationCanceledException).FullName!] = m => new OperationCanceledException(m),
        [typeof(TaskCanceledException).FullName!] = m => new TaskCanceledException(m),
        [typeof(IOException).FullName!] = m => new IOException(m),
        [typeof(KeyNotFoundException).FullName!] = m => new KeyNotFoundException(m),
        [typeof(AskTimeoutException).FullName!] = m => new AskTimeoutException(m),
        [typeof(ActorNotFoundException).FullName!] = m => new ActorNotFoundException(m),
    };

    public static void Write(WireWriter writer, Exception? cause)
    {
        writer.Text(cause?.GetType().FullName ?? "");
        writer.Text(cause?.Message ?? "");
    }

    public static Exception Read(ref WireReader reader)
    {
        var type = reader.Text();
        var message = reader.Text();
        return Known.TryGetValue(type, out var make) ? make(message) : new RemoteException(type, message);
    }

    /// <summary>An exception of a type that this system does not make from a name.</summary>
    private sealed class RemoteException(string type, string message) : AkkaException($"[{type}] {message}");
}
