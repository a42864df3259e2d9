namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// Another process keeps the write lock of a journal's file for longer than a writer waits. Nothing was stored; the next request tries
/// again. No process can take the lock from another one: the operating system gives it back when that one goes on, or ends.
/// </summary>
internal sealed class JournalLockedException(string file, Exception inner) : IOException(Text(file), inner)
{
    private static string Text(string file)
    {
        var holders = FileHolders.Of(file);
        return $"The journal {file} is locked for writing by another process that does not go on: "
            + (holders.Length > 0 ? $"it is open in {holders}" : $"'fuser -v {file}' shows where it is open")
            + ". Resume the one that is stopped (kill -CONT PID) or end it (kill -KILL PID); this process then goes on by itself.";
    }
}
