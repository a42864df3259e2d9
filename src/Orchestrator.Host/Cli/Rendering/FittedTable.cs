using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Host.Cli.Rendering;

/// <summary>
/// A table that finds a form for the width there is, without cutting a word: all on one line; else the last column's text wrapped at the side;
/// else that text beneath its row; else the last one or two columns beneath, too; else the first columns on a line of their own; else a line for each value. Columns that are empty in every
/// row are left out.
/// </summary>
internal sealed class FittedTable : Renderable
{
    private const int Gap = 2;
    private const int LeastText = 24;
    private const int Indentation = 4;

    /// <summary>Of more columns beneath the others nobody sees any more what belongs to what.</summary>
    private const int MostBeneath = 2;

    private static readonly Style Bold = new(decoration: Decoration.Bold);

    private readonly Cell[] headings;
    private readonly bool[] right;
    private readonly List<Cell[]> rows = [];

    /// <param name="columns">Headings as <see cref="Tables.Create"/> describes them.</param>
    public FittedTable(string[] columns)
    {
        right = [.. columns.Select(column => column.StartsWith('>'))];
        headings = [.. columns.Select(column => new Cell(column.TrimStart('>'), Bold))];
    }

    public void Row(params ReadOnlySpan<Cell> cells)
    {
        if (cells.Length != headings.Length)
        {
            throw new ArgumentException($"the table has {headings.Length} columns, not {cells.Length}", nameof(cells));
        }

        rows.Add(cells.ToArray());
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var shown = Enumerable.Range(0, headings.Length).Where(i => rows.Count == 0 || rows.Exists(row => row[i].Text.Length > 0)).ToList();
        var last = headings.Length - 1;
        var text = shown.Contains(last) && !right[last] ? last : -1;
        var columns = shown.Where(i => i != text).ToList();
        var room = maxWidth - WidthOf(columns) - Gap;
        var lines = (text, room) switch
        {
            _ when WidthOf(shown) <= maxWidth => AtTheSide(shown, -1, 0),
            ( >= 0, >= LeastText) => AtTheSide(columns, text, room),
            _ when columns.Count == 0 => AsList(shown, maxWidth),
            _ when room + Gap >= 0 => Beneath(columns, columns.Count, text, maxWidth),
            _ when Leading(columns, maxWidth) is var leading and > 0 => Beneath(columns, leading, text, maxWidth),
            _ when Alone(columns, maxWidth) is var alone and > 0 => FirstAlone(columns, alone, text, maxWidth),
            _ => AsList(shown, maxWidth),
        };
        return lines.SelectMany(line => line.Append(Segment.LineBreak));
    }

    private int WidthOf(IReadOnlyCollection<int> columns) => columns.Sum(Width) + (Gap * Math.Max(0, columns.Count - 1));

    private int Width(int column) => rows.Select(row => row[column].Text.Length).Append(headings[column].Text.Length).Max();

    private IEnumerable<List<Segment>> AtTheSide(List<int> columns, int text, int room)
    {
        var margin = new string(' ', columns.Count > 0 ? WidthOf(columns) + Gap : 0);
        foreach (var row in rows.Prepend(headings))
        {
            var line = Line(columns, row, "", keepsEnd: text >= 0);
            if (text < 0)
            {
                yield return line;
                continue;
            }

            var wrapped = Prose.Lines(row[text].Text, room);
            yield return wrapped[0].Length == 0
                ? Line(columns, row, "", keepsEnd: false)
                : [.. line, .. columns.Count > 0 ? Blank(Gap) : [], new Segment(wrapped[0], row[text].Style)];
            foreach (var more in wrapped.Skip(1))
            {
                yield return [new Segment(margin), new Segment(more, row[text].Style)];
            }
        }
    }

    /// <summary>How many of the first columns fit on a line, where the others are few and fit beneath them; else 0.</summary>
    private int Leading(List<int> columns, int maxWidth)
    {
        var count = Enumerable.Range(1, columns.Count).TakeWhile(count => WidthOf([.. columns.Take(count)]) <= maxWidth).LastOrDefault();
        return count > 1 && columns.Count - count <= MostBeneath && WidthOf([.. columns.Skip(count)]) + Indentation <= maxWidth ? count : 0;
    }

    private IEnumerable<List<Segment>> Beneath(List<int> columns, int leading, int text, int maxWidth)
    {
        var others = columns.Skip(leading).ToList();
        foreach (var row in rows.Prepend(headings))
        {
            yield return Line([.. columns.Take(leading)], row, "", keepsEnd: false);
            if (others.Exists(column => row[column].Text.Length > 0))
            {
                yield return Line(others, row, new string(' ', Indentation), keepsEnd: false);
            }

            foreach (var line in TextOf(row, text, maxWidth))
            {
                yield return line;
            }
        }
    }

    /// <summary>How many of the first columns have to stand alone so that the others fit on a line; 0 if none are left then.</summary>
    private int Alone(List<int> columns, int maxWidth) =>
        Enumerable.Range(1, columns.Count - 1).FirstOrDefault(count => WidthOf([.. columns.Skip(count)]) + Indentation <= maxWidth);

    private IEnumerable<List<Segment>> FirstAlone(List<int> columns, int alone, int text, int maxWidth)
    {
        var others = columns.Skip(alone).ToList();
        var before = "";
        foreach (var row in rows.Prepend(headings))
        {
            var name = string.Join(new string(' ', Gap), columns.Take(alone).Select(column => row[column].Text));
            if (name != before)
            {
                yield return [new Segment(name, row[columns[0]].Style)];
            }

            before = name;
            yield return Line(others, row, new string(' ', Indentation), keepsEnd: false);
            foreach (var line in TextOf(row, text, maxWidth))
            {
                yield return line;
            }
        }
    }

    private IEnumerable<List<Segment>> AsList(List<int> columns, int maxWidth)
    {
        foreach (var row in rows)
        {
            var margin = "";
            foreach (var column in columns.Where(column => row[column].Text.Length > 0))
            {
                foreach (var line in Prose.Lines($"{margin}{headings[column].Text}: {row[column].Text}", maxWidth, Indentation))
                {
                    yield return [new Segment(line, row[column].Style)];
                }

                margin = new string(' ', Gap);
            }
        }
    }

    private IEnumerable<List<Segment>> TextOf(Cell[] row, int text, int maxWidth) => text < 0 || row[text].Text.Length == 0
        ? []
        : Prose.Lines(row[text].Text, maxWidth - Indentation).Select(line => new List<Segment> { Blank(Indentation)[0], new(line, row[text].Style) });

    /// <param name="keepsEnd">Whether the last cell is filled up, since something follows.</param>
    private List<Segment> Line(List<int> columns, Cell[] row, string margin, bool keepsEnd)
    {
        var used = keepsEnd ? columns.Count : columns.FindLastIndex(column => row[column].Text.Length > 0) + 1;
        var line = new List<Segment> { new(margin) };
        for (var i = 0; i < used; i++)
        {
            var cell = row[columns[i]];
            var padding = Blank(Width(columns[i]) - cell.Text.Length);
            var isOpen = i == used - 1 && !keepsEnd;
            line.AddRange(i > 0 ? Blank(Gap) : []);
            line.AddRange(right[columns[i]] ? padding : []);
            line.Add(new Segment(cell.Text, cell.Style));
            line.AddRange(right[columns[i]] || isOpen ? [] : padding);
        }

        return line;
    }

    private static Segment[] Blank(int width) => width > 0 ? [new Segment(new string(' ', width))] : [];
}
