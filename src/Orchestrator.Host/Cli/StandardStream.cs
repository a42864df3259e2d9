using System.Text;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Cli;

/// <summary>
/// Standard output, or standard error. A result that cannot be written ends the command; that a remark cannot be written is nothing that
/// anybody could still be told.
/// </summary>
internal sealed class StandardStream(TextWriter inner, bool holdsResult) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Guard(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Guard(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Guard(() => inner.Write(value));

    public override void Flush() => Guard(inner.Flush);

    /// <exception cref="OutputException">A result could not be written.</exception>
    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (holdsResult)
            {
                throw new OutputException(e);
            }
        }
    }
}

/// <summary>Standard output cannot be written.</summary>
internal sealed class OutputException(Exception inner) : Exception($"Standard output cannot be written: {FileProblem.Of(inner, "")}.", inner);
