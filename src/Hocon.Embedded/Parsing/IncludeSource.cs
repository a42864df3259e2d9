using System.Text;
using Hocon.Tree;

namespace Hocon.Parsing;

/// <summary>A text to parse and what to call it in errors.</summary>
internal sealed record SourceText(string? Name, string Text);

/// <summary>Finds what include statements name.</summary>
internal abstract class IncludeSource
{
    /// <summary>The texts that a name stands for, in the order in which they are merged; empty when there is none.</summary>
    /// <param name="kind">How the name was written: url(...), classpath(...), or else a file.</param>
    /// <param name="name">The name as written.</param>
    /// <param name="includedBy">Name of the including text; null when it has none.</param>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public abstract IReadOnlyList<SourceText> Load(HoconCallbackType kind, string name, string? includedBy);
}

/// <summary>For texts that come from nowhere: nothing can be included.</summary>
internal sealed class NoIncludes : IncludeSource
{
    public override IReadOnlyList<SourceText> Load(HoconCallbackType kind, string name, string? includedBy) =>
        throw new IOException("this text was not read from a file, so there is no place to look");
}

/// <summary>Asks the caller's function; null means that there is no such thing.</summary>
internal sealed class CallbackIncludes(HoconIncludeCallbackAsync callback) : IncludeSource
{
    public override IReadOnlyList<SourceText> Load(HoconCallbackType kind, string name, string? includedBy)
    {
        string? text;
        try
        {
            text = callback(kind, name).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new IOException(e.Message, e);
        }

        return text is null ? [] : [new SourceText(name, text)];
    }
}

/// <summary>Reads files; relative names are looked up beside the including file.</summary>
internal sealed class FileIncludes : IncludeSource
{
    private const string Properties = ".properties";

    public override IReadOnlyList<SourceText> Load(HoconCallbackType kind, string name, string? includedBy)
    {
        if (kind != HoconCallbackType.File)
        {
            throw new IOException("only files can be included, with include \"name\" or include file(\"name\")");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(includedBy ?? "."));
        var path = Path.GetFullPath(Path.Combine(folder ?? "/", name.Replace("\0", "", StringComparison.Ordinal)));
        string[] candidates = Path.HasExtension(path) ? [path] : [path, path + ".json", path + ".conf", path + Properties];
        if (candidates.FirstOrDefault(file => file.EndsWith(Properties, StringComparison.OrdinalIgnoreCase) && File.Exists(file)) is { } properties)
        {
            // Their escapes and comments are not HOCON's: read as such they would mean something else.
            throw new IOException($"{properties} is a file of Java properties, which are not read; write its keys to a .conf file as key = \"value\"");
        }

        return [.. candidates.Where(File.Exists).Select(file => new SourceText(file, ReadText(file)))];
    }

    /// <summary>Reads a UTF-8 file of bounded length.</summary>
    /// <exception cref="IOException">It cannot be read, or is longer than a configuration may be.</exception>
    public static string ReadText(string file)
    {
        try
        {
            using var reader = new StreamReader(file, Encoding.UTF8);
            var buffer = new char[8192];
            var text = new StringBuilder();
            for (int read; (read = reader.Read(buffer, 0, buffer.Length)) > 0;)
            {
                if (text.Append(buffer, 0, read).Length > Limits.TextLength)
                {
                    throw new IOException($"{file} is longer than {Limits.TextLength} characters");
                }
            }

            return text.ToString();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException(e.Message, e);
        }
    }
}
