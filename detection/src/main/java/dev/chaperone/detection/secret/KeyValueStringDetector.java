// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.detection.text.Words;
import dev.chaperone.model.finding.Tier;

/**
 * Connection strings of ADO.NET, ODBC, JDBC and Azure: {@code key=value} pairs joined by
 * semicolons, one of which is a password or an account key and another one names the server.
 */
final class KeyValueStringDetector implements Detector {
    private static final int WIDEST = 600;
    private static final Words SERVER =
            Words.of(
                    "server,data source,datasource,host,addr,address,driver,dsn$,accountname,endpoint,"
                            + "defaultendpointsprotocol,jdbc,initial catalog,database,hostname,uid$,user id");

    @Override
    public String name() {
        return "key-value-connection-string";
    }

    @Override
    public Trigger trigger() {
        return Trigger.Keywords.of(
                "password=", "pwd=", "accountkey=", "sharedaccesskey=", "password =", "accesskey=");
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        if (hits.judged(start)) {
            return;
        }
        int valueEnd = end;
        while (valueEnd < text.length() && valueEnd - end < 200 && value(text.at(valueEnd))) {
            valueEnd++;
        }
        String value = text.slice(end, valueEnd).strip();
        if (value.length() < 3
                || value.length() > 190
                || Placeholders.isOne(value)
                || value.startsWith("{")) {
            return;
        }
        int from = start;
        while (from > 0 && start - from < WIDEST && pair(text.at(from - 1))) {
            from--;
        }
        int to = valueEnd;
        while (to < text.length() && to - valueEnd < WIDEST && pair(text.at(to))) {
            to++;
        }
        int pairsEnd = lastPair(text, valueEnd, to);
        from = firstKey(text, from, start);
        boolean joined =
                text.slice(from, Math.max(from, start)).indexOf(';') >= 0
                        || text.at(valueEnd) == ';';
        hits.judgedUntil(pairsEnd);
        if (!joined && value.length() == 88 && value.endsWith("==")) {
            hits.add("SECRET.azure-storage-key", end, valueEnd, 0.95, Tier.STRUCTURED);
        }
        if (joined && SERVER.occurIn(text.value(), from, Math.min(pairsEnd, from + 2 * WIDEST))) {
            hits.add("CONNECTION_STRING", from, pairsEnd, 0.96, Tier.STRUCTURED);
        }
    }

    private static boolean value(char c) {
        return c > ' ' && c != ';' && c != '"' && c != '\'' && c != '<' && c != '`' && c < 127;
    }

    private static boolean pair(char c) {
        return c >= ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != '`' && c < 127;
    }

    /** Text before the first key of the string is prose: start after the last blank before it. */
    private static int firstKey(ScanText text, int from, int start) {
        int semicolon = text.value().indexOf(';', from);
        int firstEquals = text.value().indexOf('=', from);
        if (firstEquals < 0 || firstEquals > start) {
            return start;
        }
        if (semicolon >= 0 && semicolon < firstEquals) {
            int blank = text.slice(from, semicolon).lastIndexOf(' ');
            return from + blank + 1;
        }
        String before = text.slice(from, firstEquals);
        for (String twoWords :
                new String[] {"Data Source", "User ID", "User Id", "Initial Catalog"}) {
            if (before.endsWith(twoWords)) {
                return firstEquals - twoWords.length();
            }
        }
        return from + before.lastIndexOf(' ') + 1;
    }

    /** The end of the last pair that follows without prose. */
    private static int lastPair(ScanText text, int valueEnd, int to) {
        int end = valueEnd;
        while (end < to && text.at(end) == ';') {
            int equals = text.value().indexOf('=', end);
            int blankOrEnd = end + 1;
            if (equals < 0 || equals >= to || equals - end > 40) {
                return blankOrEnd;
            }
            int stop = equals + 1;
            while (stop < to && text.at(stop) != ';' && text.at(stop) != ' ') {
                stop++;
            }
            end = stop;
        }
        return end;
    }
}
