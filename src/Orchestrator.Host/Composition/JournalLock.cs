using Orchestrator.Host.Cli;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Composition;

/// <summary>
/// Keeps two supervisors that know nothing of each other away from one journal file of this machine. Servers of one
/// cluster share the lock (the cluster sees to it that one of them works); a command with <c>--config</c> takes it alone.
/// The operating system releases it with the process, however that ends.
/// </summary>
internal sealed class JournalLock : IDisposable
{
    private readonly FileStream file;

    private JournalLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock beside the journal file, or beside <paramref name="elsewhere"/> for a journal that is no file.</summary>
    /// <param name="remedy">What to do about a process that holds it; null for what servers and commands with <c>--config</c> say.</param>
    /// <exception cref="RefusedException">Another process holds it.</exception>
    /// <exception cref="ServeException">The lock file cannot be written.</exception>
    public static JournalLock Take(JournalSettings journal, string elsewhere, bool alone, string? remedy = null)
    {
        var path = (journal.File.Length > 0 ? journal.File : elsewhere) + ".lock";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new JournalLock(alone
                ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new RefusedException(
                $"Another process uses the journal of {path[..^".lock".Length]}. "
                + (remedy ?? (alone ? "If it is a server, use --server; if it is another command, wait until it ends." : "It is a command with --config: wait until it ends.")),
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServeException($"The lock file {path} cannot be written: {FileProblem.Of(e, path)}.", e);
        }
    }

    public void Dispose() => file.Dispose();
}
